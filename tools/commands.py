"""The commands that need the virtual environment."""

from .stack import Stack


def run(settings):
    Stack(settings).run()


def up(settings):
    stack = Stack(settings)
    stack.up()
    stack.show()


def down(settings):
    Stack(settings).down()


COMMANDS = {'run': run, 'up': up, 'down': down}
