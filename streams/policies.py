"""Which policy was in force when a record was taken in? Every published version, compiled once."""

from __future__ import annotations

from streams.ports import ControlTopics
from streams.registry import Registry
from streams.rules.entry.caps import CompiledPolicy, compile_policy


class UnknownPolicyError(Exception):
    """A journal record names a policy version that was never published."""


class PolicyBook:
    """All published policies by full version. They are immutable, so each is compiled once."""

    def __init__(self, registry: Registry, control: ControlTopics | None = None) -> None:
        self._registry = registry
        self._control = control
        self._compiled: dict[str, CompiledPolicy] = {}

    def known(self, version: str) -> CompiledPolicy | None:
        """The policy, if it was asked for before."""
        return self._compiled.get(version)

    async def get(self, version: str) -> CompiledPolicy:
        """The policy; waits until everything published so far has arrived.

        Raises:
            UnknownPolicyError: the control topic does not have it: it was lost, or the journal is
                foreign.
        """
        if version not in self._registry.policies and self._control is not None:
            await self._control.level(now=True)
        return self.at_once(version)

    def at_once(self, version: str) -> CompiledPolicy:
        """The policy, from what has arrived already; see `get`."""
        compiled = self._compiled.get(version)
        if compiled is not None:
            return compiled
        document = self._registry.policies.get(version)
        if document is None:
            raise UnknownPolicyError(
                f"policy {version} stands in the journal but not on the policy topic: publish that "
                "very document again with `hub policy publish`, then start the worker"
            )
        compiled = self._compiled[version] = compile_policy(document)
        return compiled
