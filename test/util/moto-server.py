"""Runs moto_server, with its arguments, so that of several conditional writes at once one wins: moto looks whether an object exists and
writes it in two steps, between which other threads may write."""

from threading import Lock

from moto import server

lock = Lock()
run_simple = server.run_simple


def run(host, port, app, **options):
    def one_by_one(environ, start_response):
        if "HTTP_IF_NONE_MATCH" not in environ:
            return app(environ, start_response)
        with lock:
            return list(app(environ, start_response))

    run_simple(host, port, one_by_one, **options)


server.run_simple = run
server.main()
