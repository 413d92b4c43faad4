"""What papermill finds under the name ``nqp``: a stand-in that loads the engine when it is used.

papermill loads every engine while it is imported itself. The engine imports papermill, so whoever imported the engine
first would meet it half loaded.
"""


class _Loading(type):
    def __getattr__(cls, name: str):
        from nqpkit.reports import engine

        return getattr(engine.ReportEngine, name)


class Engine(metaclass=_Loading):
    """`nqpkit.reports.engine.ReportEngine`, in everything that papermill asks of it."""
