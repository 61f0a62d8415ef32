"""`python -m hubgate.launch start|reset|manage`: what `./run` does once its environment is installed."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hubgate.launch import database, environment, folder, processes
from hubgate.launch.folder import LaunchError

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ".hubgate"
READY_WITHIN = 50.0


def main(argv: Sequence[str]) -> int:
    """Run one command; give its exit status."""
    if argv[:1] == ["manage"]:
        manage(argv[1:])
    options = _parser().parse_args(argv)
    data = Path(options.data).absolute()
    try:
        if options.command == "reset":
            return reset(data, yes=options.yes)
        return start(data, port=options.port, hub_port=options.hub_port, demo=options.demo)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1


def start(data: Path, *, port: int, hub_port: int, demo: bool) -> int:
    """Run hubgate, and the local Hub in the demo, until Ctrl-C (status 0) or until one of them ends (LaunchError)."""
    # A service manager stops us as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    own = environment.hub_of(os.environ, port=port, hub_port=hub_port, demo=demo)
    demo = own["HUBGATE_DEMO"] == "1"
    if demo and port == hub_port:
        raise LaunchError("hubgate and the local Hub need a port each. Choose another with ./run --hub-port NUMBER.")
    processes.require_free(port, "--port")
    if demo:
        processes.require_free(hub_port, "--hub-port")
    keys = folder.prepare(data)
    with folder.held(data):
        folder.bind_to_hub(data, own)
        env = environment.of_processes(os.environ, root=ROOT, data=data, keys=keys, own=own)
        children: list[processes.Child] = []
        try:
            if demo:
                children.append(_start_hub(data, hub_port, env))
            told = _first_start(data, env)
            children.append(_start_web(data, port, env))
            personas = _fill_demo(data, env) if demo else ""
            processes.wait_ready(children[-1], port, "/accounts/login/", READY_WITHIN)
            if demo:
                processes.wait_ready(children[0], hub_port, "/", READY_WITHIN)
            print(_greeting(env, data, told, personas), flush=True)
            raise processes.watch(children)
        except KeyboardInterrupt:
            print("\nStopping.", flush=True)
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            processes.stop(children)


def reset(data: Path, *, yes: bool) -> int:
    """Delete the data folder, after asking unless `yes`."""
    if not data.exists():
        print(f"There is no data folder {data}; nothing to remove.")
        return 0
    if not yes:
        if not sys.stdin.isatty():
            raise LaunchError(f"This removes {data} and all that hubgate knows. Say so with ./run reset --yes.")
        answer = input(f"Remove {data} and all that hubgate knows? Type yes: ")
        if answer.strip().lower() != "yes":
            print("Nothing was removed.")
            return 1
    folder.remove(data)
    print(f"Removed {data}. The next ./run starts afresh.")
    return 0


def manage(arguments: Sequence[str]) -> NoReturn:
    """Become Django's command line, on the data and keys of `./run`."""
    data = Path(os.environ.get("HUBGATE_DATA", ROOT / DATA)).absolute()
    try:
        keys = folder.prepare(data)
    except LaunchError as error:
        sys.exit(str(error))
    own = folder.read(data / folder.HUB)
    env = environment.of_processes(os.environ, root=ROOT, data=data, keys=keys, own=own)
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments], env)  # noqa: S606 - no shell is the point


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run", usage="./run [options], see ./run help", add_help=False, allow_abbrev=False
    )
    parser.add_argument("command", choices=["start", "reset"])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--hub-port", type=int, default=8001)
    parser.add_argument("--data", default=os.environ.get("HUBGATE_DATA", str(ROOT / DATA)))
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--yes", action="store_true")
    return parser


def _start_hub(data: Path, hub_port: int, env: Mapping[str, str]) -> processes.Child:
    arguments = ["--port", str(hub_port), "--data", str(data / "hub"), "--seed", "demo"]
    command = [sys.executable, "-m", "hubgate.localhub", *arguments]
    return processes.start("local Hub", command, environment.of_local_hub(env), data / "log" / "hub.log")


def _start_web(data: Path, port: int, env: Mapping[str, str]) -> processes.Child:
    arguments = ["-c", "python:hubgate.gunicorn_embedded", "--bind", f"127.0.0.1:{port}", "--chdir", str(ROOT)]
    command = [sys.executable, "-m", "gunicorn", *arguments, "hubgate.wsgi:application"]
    return processes.start("web process", command, env, data / "log" / "hubgate.log")


def _first_start(data: Path, env: Mapping[str, str]) -> str:
    """Bring the database up to date and make the first operator; give what the command says to the person."""
    if database.is_ready(ROOT, data, env):
        return ""
    told = _manage(env, "first_start", "The database could not be made ready")
    database.note_ready(ROOT, data, env)
    return told


def _fill_demo(data: Path, env: Mapping[str, str]) -> str:
    """Make the demo's accounts and connect their namespaces, once for each database; give the lines that say whom one
    may sign in as."""
    told = database.read_note(database.DEMO, ROOT, data, env)
    if told is None:
        told = _manage(env, "demo", "The demo could not be filled")
        database.write_note(database.DEMO, ROOT, data, env, told)
    return told


def _manage(env: Mapping[str, str], name: str, failure: str) -> str:
    """What a management command prints; LaunchError beginning with `failure` where it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), name]
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True)  # noqa: S603 - the command is ours
    if done.returncode:
        raise LaunchError(f"{failure}:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout.strip()


def _greeting(env: Mapping[str, str], data: Path, told: str, personas: str) -> str:
    lines = [f"hubgate       {env['HUBGATE_PUBLIC_URL']}"]
    if env["HUBGATE_DEMO"] == "1":
        lines.append(f"the local Hub {env['HUBGATE_HUB_URL']}")
        lines.append(f"operator      sign in as operator with the password {env['HUBGATE_OPERATOR_PASSWORD']}")
    else:
        lines.append(f"the Hub       {env['HUBGATE_HUB_URL']} (reading only, until you switch changing it on)")
    lines.append(f"data and logs {data}")
    if told:
        lines.append(told)
    if personas:
        lines += ["", "Sign in with the Hub, in one click, as", personas, ""]
    lines.append("Ctrl-C stops it; the next ./run goes on with the same data.")
    return "\n".join(lines)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
