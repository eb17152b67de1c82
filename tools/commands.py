"""The commands that need the virtual environment."""

from . import checks, suites
from .stack import Stack


def run(settings):
    Stack(settings).run()


def up(settings):
    stack = Stack(settings)
    stack.up()
    stack.show()


def down(settings):
    Stack(settings).down()


def test(settings, *arguments):
    return suites.run(settings, 'fast', arguments)


def test_long(settings, *arguments):
    return suites.run(settings, 'long', arguments)


def bench(settings, *arguments):
    return suites.bench(settings, arguments)


COMMANDS = {
    'run': run,
    'up': up,
    'down': down,
    'test': test,
    'test-long': test_long,
    'check': checks.run,
    'translations': checks.translations,
    'bench': bench,
}
