"""What a command writes: results to stdout, progress and advice to stderr, files whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError

if TYPE_CHECKING:
    from contextcheck.report.interface import ShowOptions


def use_utf8() -> None:
    """UTF-8 on every stream, whatever the code page of the console."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(text: str) -> None:
    """Advice, to stderr; words of the data in it are shown, never obeyed by the terminal."""
    from contextcheck.report.words import visible

    print("\n".join(visible(line) for line in text.splitlines()), file=sys.stderr, flush=True)


def give(text: str) -> None:
    """The result, to stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; its folder is made when it is missing.

    A file that is there keeps its permissions, and a link goes on pointing to it.
    """
    import tempfile

    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = S_IMODE(target.stat().st_mode) if target.is_file() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(Problem("ST140", str(path), f"cannot be written ({reason}); name another file")) from error


def say_when_ahead(as_of: date) -> None:
    """Say that the data run past today; the steps themselves know no clock."""
    if as_of > date.today():
        say(f"the newest judged day, {as_of}, lies after today: is a date of the orders wrong?")


def check_places(places: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Refuse places for files before the work is done, not after it.

    Args:
        places: The files that will be written.
        inputs: The files that are read, or must not be lost in any case.

    Raises:
        SettingsError: A place is a folder, an input, or named for two results.
    """
    read, taken = list(inputs), list[Path]()
    for path in places:
        if path.is_dir():
            message = f"is a folder; name a file in it, such as {path / 'out.json'}"
            raise SettingsError(Problem("ST140", str(path), message))
        if any(_is_same(path, each) for each in read):
            message = "is an input of this run, and a result would replace it; name another file"
            raise SettingsError(Problem("ST142", str(path), message))
        if any(_is_same(path, each) for each in taken):
            message = "is named for two results, of which one would be lost; name another file"
            raise SettingsError(Problem("ST142", str(path), message))
        taken.append(path)


def _is_same(first: Path, second: Path) -> bool:
    """Whether two paths are one file, also by a link or in another spelling; neither has to be there."""
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()


def _umask() -> int:
    """The permissions that the user takes away from new files; temporary files start with none for others."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def show_options(*, show_ids: bool, key_env: str = "CONTEXTCHECK_KEY") -> ShowOptions:
    """How results are laid out for this stdout: glyphs, colour and width only in a terminal."""
    from contextcheck.report.interface import ShowOptions

    is_terminal = sys.stdout.isatty()
    width = os.get_terminal_size().columns if is_terminal else 100
    return ShowOptions(
        show_ids=show_ids,
        pseudonym_key=os.environ.get(key_env, ""),
        width=max(60, min(width, 120)),
        use_colour=is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        use_glyphs=is_terminal,
    )


def give_lines(lines: Iterable[str]) -> None:
    """The result line by line, for texts that quote the data as it is."""
    from contextcheck.report.marks import plain_arrows
    from contextcheck.report.words import visible

    text = "\n".join(visible(line) for line in lines)
    if not text:
        return
    give(text if sys.stdout.isatty() else plain_arrows(text))


@contextmanager
def progress(*, is_quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that shows the current step: a spinner in a terminal, a line per step otherwise."""
    if is_quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield lambda text: status.update(text.replace("[", "\\["))
    else:
        yield lambda text: say(f"… {text}")
