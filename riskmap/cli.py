"""The command line: parses, calls the project, prints. No logic lives here."""

from __future__ import annotations

import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskmap import __version__
from riskmap.errors import ProjectError, RiskmapError
from riskmap.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskmap.cluster import Province
    from riskmap.project import Project

__all__ = ["app", "main"]

EXIT_BROKEN, EXIT_REFUSED = 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=message("help.riskmap"),
)

ProjectPath = Annotated[Path, typer.Argument(help=message("help.project"))]
Out = Annotated[Path | None, typer.Option("--out", help=message("help.out"))]
Workers = Annotated[int | None, typer.Option(min=1, help=message("help.workers"))]
Scheduler = Annotated[str | None, typer.Option(help=message("help.scheduler"))]
Quiet = Annotated[bool, typer.Option("--quiet", help=message("help.quiet"))]
Strict = Annotated[bool, typer.Option("--strict", help=message("help.strict"))]
Village = Annotated[list[str] | None, typer.Option(help=message("help.village"))]


def _open(
    path: Path,
    out: Path | None,
    *,
    workers: int | None,
    scheduler: str | None,
    quiet: bool,
) -> Project | Province:
    """Open a project with the options that every command takes."""
    from riskmap.cluster import open_project  # noqa: PLC0415

    return open_project(
        path, out=out, workers=workers, scheduler=scheduler, progress=not quiet
    )


def _say(lines: Iterable[str], *, quiet: bool = False) -> None:
    """Print lines that any console can show."""
    for line in lines:
        if not quiet:
            typer.echo(line)


def _finish(project: Project | Province, *, strict: bool) -> None:
    """Leave with 1 where a unit failed, or --strict finds an error finding."""
    if project.failed:
        raise typer.Exit(EXIT_BROKEN)
    if strict and project.error_findings:
        _say([message("say.strict", count=project.error_findings)])
        raise typer.Exit(EXIT_BROKEN)


@app.command(help=message("help.init"))
def init(folder: Annotated[Path, typer.Argument(help=message("help.folder"))]) -> None:
    """Make a new project: riskmap.toml and workbooks to fill in."""
    from riskmap.projects import create_project  # noqa: PLC0415

    _say(create_project(folder))


def _step(name: str) -> None:
    """Add one of the steps of the chain as a command."""

    def command(
        project: ProjectPath,
        *,
        out: Out = None,
        workers: Workers = None,
        scheduler: Scheduler = None,
        quiet: Quiet = False,
        strict: Strict = False,
    ) -> None:
        """Run one step."""
        opened = _open(project, out, workers=workers, scheduler=scheduler, quiet=quiet)
        step = getattr(opened, name, None)
        if step is None:
            raise ProjectError(message("cluster.no_step", step=name))
        _say(step(), quiet=quiet)
        _finish(opened, strict=strict)

    app.command(name, help=message(f"help.{name}"))(command)


for _name in ("check", "audit", "plan", "site", "drill"):
    _step(_name)


@app.command(help=message("help.verify"))
def verify(project: ProjectPath, out: Out = None, *, quiet: Quiet = False) -> None:
    """Walk the plan again with code that shares nothing with the planner."""
    opened = _open(project, out, workers=None, scheduler=None, quiet=quiet)
    lines, broken = opened.verify()
    _say(lines)
    if broken:
        raise typer.Exit(EXIT_BROKEN)


@app.command(help=message("help.publish"))
def publish(
    project: ProjectPath,
    *,
    out: Out = None,
    village: Village = None,
    edition: Annotated[str | None, typer.Option(help=message("help.edition"))] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
) -> None:
    """Draw the maps, lists and the portal."""
    opened = _open(project, out, workers=workers, scheduler=scheduler, quiet=quiet)
    _say(opened.publish(edition=edition, villages=village), quiet=quiet)
    _finish(opened, strict=False)


@app.command(help=message("help.run"))
def run(
    project: ProjectPath,
    *,
    out: Out = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
    strict: Strict = False,
) -> None:
    """Run the whole chain."""
    opened = _open(project, out, workers=workers, scheduler=scheduler, quiet=quiet)
    _whole_chain(opened, quiet=quiet)
    _finish(opened, strict=strict)


@app.command(help=message("help.demo"))
def demo(
    out: Annotated[Path, typer.Argument(help=message("help.demo_out"))] = Path(
        "riskmap-demo"
    ),
    workers: Workers = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Run the whole chain on the sample county."""
    from riskmap.projects import sample_county  # noqa: PLC0415

    opened = _open(sample_county(), out, workers=workers, scheduler=None, quiet=quiet)
    _whole_chain(opened, quiet=quiet)


def _whole_chain(project: Project | Province, *, quiet: bool) -> None:
    """Run all steps, printing each step's lines as it ends."""
    broken = False
    for lines, failed in project.run():
        _say(lines, quiet=quiet)
        broken = broken or failed
    if broken:
        raise typer.Exit(EXIT_BROKEN)


@app.command(help=message("help.diff"))
def diff(
    old: Annotated[str, typer.Argument(help=message("help.old"))],
    new: Annotated[str, typer.Argument(help=message("help.new"))],
    out: Out = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Say what changed between two censuses."""
    from riskmap.projects import diff_projects  # noqa: PLC0415

    _say(diff_projects(old, new, out=out), quiet=quiet)


@app.command(help=message("help.find"))
def find(
    project: ProjectPath,
    *,
    at: Annotated[str, typer.Option("--at", help=message("help.at"))],
    k: Annotated[int, typer.Option("-k", min=1, help=message("help.k"))] = 5,
    out: Out = None,
) -> None:
    """Print the nearest teams, supplies and landing zones by road."""
    from riskmap.project import Project  # noqa: PLC0415

    _say(Project.open(project, out=out).find(at, k=k))


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer's callback signature)
    """Print the version and stop."""
    if wanted:
        _say([f"riskmap {__version__}"])
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, help=message("help.version")),
    ] = False,
) -> None:
    """Options before any command."""


def main() -> None:
    """Run the command line; the exit code is as the contract says.

    Raises
    ------
    SystemExit
        Always: 0 done, 1 a rule is broken or ``--strict``, 2 could not go on.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    warnings.simplefilter("ignore")
    try:
        app()
    except RiskmapError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        _refuse(message("say.interrupted"))
    except Exception as error:  # noqa: BLE001 (no traceback reaches a planner)
        _refuse(message("say.internal", error=repr(error), log=_logged(error)))


def _refuse(text: str) -> None:
    """Print one clear line, and leave with 2."""
    typer.echo(message("say.error", text=text), err=True)
    sys.exit(EXIT_REFUSED)


def _logged(error: Exception) -> str:
    """Write the traceback where a developer finds it, and return the place."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="riskmap-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    return log.name
