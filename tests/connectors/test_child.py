"""A server we start is gone when we are, however we went; its port is ours alone."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from connectors.child import PORTS, Child, ServerError, accepts, claim, free_port, is_free, locked

ROOT = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)",
]


def eventually(condition, *, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def child(tmp_path):
    child = Child("the sleeper", SLEEPER, log=tmp_path / "log")
    child.start()
    yield child
    child.kill()


def test_it_runs_until_stopped(child):
    pid = child.pid

    child.stop()

    assert not child.alive
    assert not is_running(pid)
    child.stop()


def test_starting_twice_starts_one(child):
    pid = child.pid

    child.start()

    assert child.pid == pid


def test_a_stopped_one_has_no_process_id(child):
    child.kill()

    with pytest.raises(ServerError, match="the sleeper is not running"):
        _ = child.pid


def test_one_that_will_not_stop_is_made_to(tmp_path):
    child = Child("the stubborn", STUBBORN, log=tmp_path / "log")
    child.start()
    eventually(lambda: "up" in child.log_tail())
    pid = child.pid

    child.stop(wait_s=0.05)

    assert not is_running(pid)


def test_the_log_goes_on_over_restarts(child):
    eventually(lambda: "up" in child.log_tail())
    child.kill()

    child.start()

    eventually(lambda: child.log_tail() == "up\nup")


def test_it_dies_with_a_parent_that_is_killed_without_warning(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from connectors.child import Child\n"
        f"child = Child('it', {SLEEPER!r}, log=Path({str(tmp_path / 'log')!r}))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    pid = int(parent.stdout.readline())
    assert is_running(pid)

    parent.kill()
    parent.communicate()

    eventually(lambda: not is_running(pid))


def test_what_it_started_dies_with_it_too(tmp_path):
    starter = (
        "import subprocess, sys, time\n"
        f"print(subprocess.Popen({SLEEPER!r}, stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(60)"
    )
    program = (
        "import sys, time; from pathlib import Path; from connectors.child import Child\n"
        f"Child('it', [sys.executable, '-c', {starter!r}], log=Path(sys.argv[1])).start()\n"
        "time.sleep(60)"
    )
    log = tmp_path / "log"
    parent = subprocess.Popen([sys.executable, "-c", program, str(log)], cwd=ROOT)
    eventually(lambda: log.exists() and log.read_text().endswith("\n"))
    grandchild = int(log.read_text())

    parent.kill()
    parent.wait()

    eventually(lambda: not is_running(grandchild))


def test_stopping_leaves_no_process_of_ours(child):
    before = {process.pid for process in psutil.Process().children(recursive=True)}

    child.stop()

    after = {process.pid for process in psutil.Process().children(recursive=True)}
    assert len(before - after) == 2  # the child and its leash
    assert not any(is_running(pid) for pid in before - after)


def test_a_folder_is_taken_for_as_long_as_the_child_lives(tmp_path):
    child = Child("the sleeper", SLEEPER, log=tmp_path / "log")
    with locked(tmp_path, "the sleeper") as lock:
        child.start(lock=lock)

    with pytest.raises(ServerError, match="in use"), locked(tmp_path, "another"):
        pass
    child.kill()

    with locked(tmp_path, "another"):
        pass


def test_a_stack_trace_does_not_push_out_the_line_that_says_what_happened(tmp_path):
    (tmp_path / "log").write_text("ERROR disk full\n" + "\tat some.java.Frame\n" * 50 + "bye\n")

    assert Child("it", [], log=tmp_path / "log").log_tail() == "ERROR disk full\nbye"


def test_a_free_port_lies_where_no_outgoing_connection_is_lent_one():
    lent = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lent_first = int(lent.read_text().split()[0]) if lent.exists() else PORTS.stop

    assert free_port() in PORTS
    assert PORTS.stop <= lent_first


def test_a_taken_port_is_not_free_and_the_message_names_it():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert not is_free(port)
        assert accepts(port)
        with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is taken, Redis cannot"):
            claim(port, "Redis")
    assert is_free(port)
    assert not accepts(port)
