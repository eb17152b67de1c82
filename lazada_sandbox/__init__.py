"""A stand-in Lazada Open Platform and Seller Center for people, trainers and tests.

Start it with ``python -m lazada_sandbox --port 8090 --seed 1``. Where things are:

* ``world/``          the state and its rules: clock, shops, listings, orders, packages, money
* ``gateway/``        what happens before an endpoint is reached: signature, token, limits, faults
* ``api/``            the endpoints, one file per group, and the JSON shapes they answer with
* ``seller_center/``  the web pages of a seller
* ``control/``        ``/_control/*``, the remote control for scripts

It is written from the platform's documented behaviour and imports nothing of the connector.
"""
