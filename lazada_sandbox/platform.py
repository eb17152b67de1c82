"""The stand-in as a whole: the world, its gateway and what speaks for them."""
from .gateway.gateway import Gateway
from .push import Push
from .world.seed import seed_world
from .world.world import World


class Platform:
    def __init__(self, seed=1):
        self.world = World(seed)
        self.gateway = Gateway(self.world)
        self.push = Push(self.world)
        seed_world(self.world, seed)

    def start_over(self, seed, forget_tokens=False):
        """The seeded world again. Connected apps stay connected unless told otherwise."""
        with self.world.lock:
            self.world.start_over(seed)
            self.gateway.start_over()
            self.push.start_over()
            if forget_tokens:
                self.gateway.tokens.forget()
            seed_world(self.world, seed)
