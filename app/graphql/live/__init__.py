"""Subscriptions: what happens to errors and occurrences, told while it happens.

A client asks over a WebSocket (`sockets`) or by SSE (`streams`); both come to the `entrance`. `starting` lets a
subscription in as far as a query would be. What happens comes from `app.live.watching`; `telling` finds out what of it a
subscription is told, and a `share` executes the operation for that, once for all subscribers that ask the same.
`mailboxes` and `outgoing` bound what waits for a slow client, `places` how many there are, and `checks` looks every two
seconds whether each of them may still listen.
"""
