"""The commands, put together; the one place where an error becomes text and an exit code."""

from __future__ import annotations

import gc
import sys
import warnings
from typing import Annotated, Any

import typer

from contextcheck import __version__
from contextcheck.cli.lazy import LazyGroup
from contextcheck.cli.output import say, use_utf8
from contextcheck.errors import ContextCheckError, ExitCode

app = typer.Typer(
    name="contextcheck",
    cls=LazyGroup,
    help="Find unusual behaviour per region, test what could explain it, weigh the money, recommend what to do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 pass, 1 act or roll back, 2 usage or settings, 3 bad data or knowledge, 4 hold, "
    "70 a defect of ours.",
)

INTERRUPTED = 130
_click: Any = sys.modules[typer.BadParameter.__module__]
"""The exceptions of click: newer versions of typer carry a copy of their own, older ones use the installed one."""

RARE_COLLECTION = (100_000, 50, 50)
"""How many objects are made, and younger generations searched, before Python looks for circular garbage."""


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"contextcheck {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Find unusual behaviour per region, test what could explain it, weigh the money, recommend what to do."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    use_utf8()
    # a command lives for seconds; to look for circular garbage after every 700 objects took a seventh of a scan
    gc.set_threshold(*RARE_COLLECTION)
    if not sys.warnoptions:
        # remarks of libraries are for developers, who ask for them with python -W
        warnings.simplefilter("ignore")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code."""
    try:
        code = app(args=arguments, prog_name="contextcheck", standalone_mode=False)
        if code == INTERRUPTED:
            # typer turns Ctrl-C into an exit code of its own
            say("stopped")
        return int(code or 0)
    except ContextCheckError as error:
        if _was_interrupted(error):
            say("stopped")
            return INTERRUPTED
        for problem in error.problems:
            say(str(problem).replace("\n", " "))
        say(f"nothing was done (exit {int(error.exit_code)})")
        return int(error.exit_code)
    except _click.NoArgsIsHelpError as error:
        say(error.format_message())
        return int(ExitCode.USAGE)
    except _click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        say("stopped")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 a defect of ours: keep the evidence and say what to report
        if _was_interrupted(error):
            say("stopped")
            return INTERRUPTED
        return _defect()


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: the engine turns it into an error of its own while a query runs."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt) or "query interrupted" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def _defect() -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="contextcheck-", suffix=".traceback.txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"contextcheck {__version__}, Python {sys.version}\n{sys.argv}\n\n")
        traceback.print_exc(file=file)
    kind, value, _ = sys.exc_info()
    say(f"contextcheck: a defect of ours: {kind.__name__ if kind else ''}: {value}")
    say(f"  Please report it with this file: {file.name} (exit {int(ExitCode.DEFECT)})")
    return int(ExitCode.DEFECT)
