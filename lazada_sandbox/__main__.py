"""`python -m lazada_sandbox --port 8090 --seed 1`"""
import argparse

from .platform import Platform
from .server import SandboxServer


def main():
    parser = argparse.ArgumentParser(prog='lazada_sandbox', description=__doc__)
    parser.add_argument('--port', type=int, default=8090, help='0 takes a free one')
    parser.add_argument('--seed', type=int, default=1, help='which demo world')
    options = parser.parse_args()
    server = SandboxServer(Platform(options.seed), options.port)
    print(f'Lazada sandbox on {server.url} (seed {options.seed})', flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == '__main__':
    main()
