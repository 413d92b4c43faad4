"""Score, couple and explain new quality productivity and high-quality economic development.

>>> from nqpkit import Study, evaluate
>>> result = evaluate(Study.load())
>>> result.region("gansu")["coupling"].loc[2023, "grade"]
'barely coordinated'
"""

from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, Options, evaluate
from nqpkit.study import Study

__all__ = ["Evaluation", "InputError", "Options", "Study", "evaluate"]
