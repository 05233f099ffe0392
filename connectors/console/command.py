"""How does a function become a command? It gets a `Context`, `--json`, and plain error messages."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer
from rich.text import Text

from connectors.console.context import CommandError, Context, Exit, load_settings
from connectors.console.terminal.safe_text import safe

Function = TypeVar("Function", bound=Callable[..., None])

JsonOption = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON document and nothing else.")
]

# Which failure ends a command with which status, by module and name. Anything else is a mistake of
# ours: shown whole.
_STATUS_OF: tuple[tuple[str, str, Exit], ...] = (
    ("connectors.kafka_admin", "BrokerUnreachable", Exit.UNREACHABLE),
    ("connectors.kafka_admin", "AdminRefused", Exit.FOUND),
    ("connectors.draws.folder", "DrawFileError", Exit.FOUND),
    ("connectors.generations", "JournalGrowsError", Exit.FOUND),
    ("connectors.keys", "KeyRingError", Exit.USAGE),
    ("connectors.sites.table", "NotConnectedError", Exit.USAGE),
    ("connectors.child", "ServerError", Exit.UNREACHABLE),
    ("aiokafka.errors", "KafkaError", Exit.UNREACHABLE),
    ("confluent_kafka", "KafkaException", Exit.UNREACHABLE),
)


def failures() -> tuple[type[Exception], ...]:
    """Whatever ends a command with a message for people."""
    return (CommandError, *_statuses())


def _statuses() -> dict[type[Exception], Exit]:
    """The status of each failure. One whose module nobody has read in cannot have happened."""
    return {
        getattr(sys.modules[module], name): status
        for module, name, status in _STATUS_OF
        if module in sys.modules
    }


def command(
    app: typer.Typer, name: str, *, help_text: str | None = None
) -> Callable[[Function], Function]:
    """Add the function below to the application. Its first parameter is the `Context`.

    Args:
        app: The application, or a group of it.
        name: What people type.
        help_text: What `--help` says; None for the function's docstring.
    """

    def add(function: Function) -> Function:
        app.command(name, help=help_text or _first_paragraph(function))(_with_context(function))
        return function

    return add


def default(app: typer.Typer, *, help_text: str | None = None) -> Callable[[Function], Function]:
    """What a group of commands does when none of them is named: the function below."""

    def add(function: Function) -> Function:
        text = help_text or _first_paragraph(function)
        app.callback(invoke_without_command=True, help=text)(_with_context(function))
        return function

    return add


def _with_context(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(typer_context: typer.Context, *, json: bool, **options: Any) -> None:  # noqa: ANN401
        hub = _context_of(typer_context, json=json)
        if typer_context.invoked_subcommand is not None:
            typer_context.obj = hub
            return
        try:
            function(hub, **options)
        except BrokenPipeError:
            # Whoever read us has read enough, as `head` does: what is left must not fail too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.DONE) from None
        except CommandError as failure:
            raise _ended(hub, failure, failure.status) from failure
        except failures() as failure:
            status = next(one for kind, one in _statuses().items() if isinstance(failure, kind))
            raise _ended(hub, failure, status) from failure

    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("typer_context", keyword, annotation=typer.Context)
    flag = inspect.Parameter("json", keyword, annotation=JsonOption, default=False)
    parameters = [context, *(one.replace(kind=keyword) for one in own), flag]
    # From these typer learns which options there are.
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _context_of(typer_context: typer.Context, *, json: bool) -> Context:
    hub = typer_context.obj
    if not isinstance(hub, Context):
        hub = Context(load_settings())
    return replace(hub, json=hub.json or json)


def _ended(hub: Context, failure: Exception, status: Exit) -> typer.Exit:
    label = "refused" if status is Exit.FOUND else "error"
    hub.err.print(Text.assemble((f"{label}: ", "bold red"), safe(str(failure))))
    return typer.Exit(status)


def _first_paragraph(function: Callable[..., None]) -> str:
    return (inspect.getdoc(function) or "").split("\n\n")[0]
