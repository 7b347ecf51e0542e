"""Which experiments open the laboratory, and by which address."""

import pytest

from nnlib import Experiment
from nnlib.report.display import find_address


@pytest.mark.parametrize(
    "text",
    [
        "f1 20 1000 50000",
        "f2 2 0.000001 1 samples=1 noise=10 data=7 weights=18446744073709551615 scale=100 order=3",
        "-100,2.5,100 3 0.1 10",
        "-5:100,5:-100,0.125:0 3 0.1 10 units=both",
        "f1 3 0.1 10 start=glorot optimizer=adam beta1=0 schedule=inverse half=0.5 batch=1",
        "f1 3 0.1 10 samples=7 optimizer=rprop up=10 batch=7 shuffle=3 penalty=0.1",
    ],
)
def test_an_address_is_the_experiment_that_it_opens(text):
    experiment = Experiment.parse(text)
    address = find_address(experiment, epoch=1)
    assert address.startswith("#f=") and address.endswith("&epoch=1")
    assert Experiment.parse(address) == experiment


@pytest.mark.parametrize(
    "text",
    [
        "f1 21 0.1 10",
        "f1 3 1001 10",
        "f1 3 0.0000001 10",
        "f1 3 0.1 0",
        "f1 3 0.1 50001",
        "f1 3 0.1 10 data=1 samples=1001",
        "f1 3 0.1 10 data=1.0",
        "f1 3 0.1 10 order=18446744073709551616",
        "f1 3 0.1 10 noise=11",
        "f1 3 0.1 10 scale=0.5",
        "f1 3 0.1 10 penalty=11",
        "f1 3 0.1 10 samples=7 batch=8",
        "f1 3 0.1 10 batch=8 shuffle=1.0",
        "f1 3 0.1 10 optimizer=heavy-ball beta=0.99999",
        "f1 3 0.1 10 optimizer=lbfgs",
        "f1 3 0.1 10 test=1",
        "0,101 3 0.1 10",
        "0:101 3 0.1 10",
        "-5.1:0 3 0.1 10",
        f"{',0:1' * 201} 3 0.1 10".removeprefix(","),
        f"{',0' * 42} 3 0.1 10".removeprefix(","),
    ],
)
def test_what_the_laboratory_does_not_offer_has_no_address(text):
    assert find_address(Experiment.parse(text)) is None


def test_a_function_of_the_same_name_is_another():
    def f1(x):
        return x

    assert find_address(Experiment(f1, 3, 0.1, 10)) is None
