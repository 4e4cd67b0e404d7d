"""One run of a command: the world, the options that every command has, and what it may do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, NoReturn, TypeVar, cast

import typer
from rich.console import RenderableType

from holdfast.cli import run, terminal
from holdfast.cli.failures import NotAllWell
from holdfast.cli.progress import Progress
from holdfast.cli.world import ServerDesk, World
from holdfast.domain.operation import Fact, Line, Operation, StepTime, Update

Result = TypeVar("Result")

Json = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output, and nothing else.")
]
Node = Annotated[
    str | None, typer.Option("--node", metavar="NAME", help="The node; this machine's own if none.")
]
UseEngine = Annotated[
    bool,
    typer.Option("--use-engine", help="Use the Docker engine that is there, not one of its own."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The app's name.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Session:
    world: World
    json: bool = False
    node: str | None = None

    @property
    def desk(self) -> ServerDesk:
        return self.world.desk(self.node)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return not self.json and sys.stdin.isatty()

    def ask(self, operation: Operation[Result]) -> Result:
        """Read something; its steps are nobody's business."""
        return run.carry_out(operation, lambda update: None)

    def carry_out(
        self, operation: Operation[Result], tell: Callable[[Any], None] | None = None
    ) -> tuple[Result, tuple[StepTime, ...]]:
        """Run one of the user's verbs, its steps told on standard error. tell: gets each value
        that it publishes."""
        progress = Progress(terminal.progress())
        done = False

        def notify(update: Update) -> None:
            progress.notify(update)
            if tell is not None and isinstance(update, Fact):
                tell(update.value)

        try:
            result = run.carry_out(operation, notify)
            done = True
        finally:
            progress.end(done)
        return result, tuple(progress.steps)

    def follow(self, operation: Operation[None], tell: Callable[[str], None]) -> None:
        """Give `tell` each line until the operation's end or a signal."""

        def notify(update: Update) -> None:
            if isinstance(update, Line):
                tell(update.text)

        run.follow(operation, notify)

    def watch(self, operation: Operation[None], tell: Callable[[Any], None]) -> None:
        """Give `tell` each value that a follower publishes, until a signal."""

        def notify(update: Update) -> None:
            if isinstance(update, Fact):
                tell(update.value)

        run.follow(operation, notify)

    def show(self, form: Mapping[str, Any], human: RenderableType) -> None:
        if self.json:
            terminal.write_json(form)
        else:
            terminal.write(human)

    def fail(self, error: NotAllWell, human: RenderableType) -> NoReturn:
        """Show what was found, and raise: the JSON then holds both that and the error."""
        if not self.json:
            terminal.write(human)
        raise error


def session_of(context: typer.Context, json: bool, node: str | None) -> Session:
    """The session with a sub-command's own --json and --node; one before it counts as well."""
    session = cast(Session, context.obj)
    return replace(session, json=json or session.json, node=node or session.node)


def group(help: str) -> typer.Typer:
    """Sub-commands of one noun, which takes --json and --node itself too."""
    application = typer.Typer(help=help)

    @application.callback()
    def options(context: typer.Context, json: Json = False, node: Node = None) -> None:
        context.obj = session_of(context, json, node)

    return application
