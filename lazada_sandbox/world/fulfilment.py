"""Packing, handing over and unpacking; each counted once per package it took effect on."""
from .lifecycle import make_package, move, undo_package

PACKABLE = ('pending', 'repacked')
# Sorting centres a cross-border seller of an NTFS order chooses from: code -> name.
CHOICES = {'FM50': 'Yiwu sorting centre', 'FM49': 'Shenzhen sorting centre'}


def pack(world, order, units, provider=''):
    """One package for `units`; returns it. Its tracking number is assigned here."""
    now = world.clock.second()
    package = make_package(world, order, units, now, provider)
    package.applied['pack'] += 1
    delay = world.behaviour.pack_visible_after
    for unit in units:
        unit.shown_before = {'until': now + delay, 'status': unit.status} if delay else None
    move(world, order, units, 'packed')
    return package


def ready_to_ship(world, package):
    package.applied['rts'] += 1
    move(world, package.order, list(package.units), world.behaviour.rts_status)


def repack(world, package):
    package.applied['repack'] += 1
    undo_package(world, package)
