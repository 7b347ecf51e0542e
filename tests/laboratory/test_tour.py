"""The sentences of the laboratory's tour, held to the runs that they are about."""

import re

import numpy as np
import pytest
from snapshots import ROOT

from nnlib import Experiment
from nnlib.landscape import sharpness
from nnlib.report.runs import trained

TEXT = (ROOT / "book" / "laboratory.md").read_text(encoding="utf-8")
TOUR = TEXT.split(":::{container} lab-tour\n")[1].split(":::")[0]
STEPS = [step.replace("\n", " ") for step in re.split(r"^\d\. ", TOUR, flags=re.M)[1:]]


def runs(step):
    """The runs that a step links to, and the epochs at which the laboratory opens them."""
    for text, classes in re.findall(r"\[(\(.*?\))\]\{\.experiment(.*?)\}", STEPS[step]):
        chosen = dict(part.split("-") for part in classes.replace(" .", " ").split())
        order = int(chosen["order"]) if "order" in chosen else None
        run = trained(Experiment.parse(text).starting(order=order))
        yield run, int(chosen.get("epoch", run.experiment.epochs))


def test_there_are_nine_steps_of_three_sentences_or_so_with_a_link_first():
    assert len(STEPS) == 9
    for step in STEPS:
        assert re.match(r"\*\*[^*]+[.?]\*\* \[\(f", step), step
        said = re.sub(r"\*\*.*?\*\*|\{.*?\}`.*?`|\(.*?\)", "", step)
        assert 2 <= len(re.findall(r"[.?](?=\s|$)", said)) <= 4, step


def test_it_learns_and_the_error_never_rises():
    ((run, _),) = runs(0)
    assert (np.diff(run.test_error) < 0).all()


def test_it_shakes_soon_after_its_best_epoch():
    ((run, epoch),) = runs(1)
    assert epoch == run.best_epoch
    assert run.experiment.learning_rate == 10 * next(runs(0))[0].experiment.learning_rate
    assert run.test_error[epoch : epoch + 40].max() > 3 * run.lowest_error
    assert run.last_error > 10 * run.lowest_error


def test_half_the_rate_is_calm_and_twice_the_rate_is_lost_from_the_first_step_on():
    (calm, _), (lost, _) = runs(2)
    whole = next(runs(1))[0].experiment.learning_rate
    assert (calm.experiment.learning_rate, lost.experiment.learning_rate) == (whole / 2, whole * 2)
    assert (np.diff(calm.test_error) < 0).all()
    assert lost.test_error[1] > lost.test_error[0] and lost.last_error > 1000
    assert lost.experiment.learning_rate * sharpness(lost, [0])[0] > 2


def test_two_neurons_do_one_job():
    ((run, epoch),) = runs(3)
    assert abs(run.U[epoch, 0] - run.U[epoch, 1]).max() < 0.01 * abs(run.U[epoch]).max()
    assert run.V[epoch, 0] == pytest.approx(run.V[epoch, 1], rel=0.02)


def test_one_neuron_does_better():
    ((run, _),), ((two, _),) = runs(4), runs(3)
    assert run.experiment.h == two.experiment.h - 1
    assert run.last_error < two.last_error


def test_it_thinks_again_near_epoch_300():
    ((run, epoch),) = runs(5)
    assert epoch == 300
    assert run.test_error[400] < run.test_error[200] / 4
    apart = abs(run.U[:, 0] - run.U[:, 3]).max(axis=1)
    assert apart[200:301].max() < apart[-1] / 4


def test_another_order_changes_nothing_until_it_shakes():
    ((run, _),), ((drawn, _),) = runs(6), runs(1)
    assert run.experiment == drawn.experiment.starting(order=1)
    apart = abs(run.test_error / drawn.test_error - 1)
    assert apart[:700].max() < 1e-6
    assert apart[-1] > 0.1


def test_the_sharpness_passes_its_threshold_where_the_link_leads_and_the_error_rises_later():
    ((run, epoch),) = runs(7)
    products = run.experiment.learning_rate * sharpness(run, range(run.experiment.epochs + 1))
    assert epoch == np.argmax(products > 2)
    assert (products[epoch:700] > 2).all()
    rise = np.flatnonzero(np.diff(run.test_error) > 0)[0]
    assert rise > epoch + 200


def test_it_can_still_be_saved_even_at_the_peak():
    (saved, epoch), (late, peak) = runs(8)
    ((shaken, crossing),) = runs(7)
    for run, at in ((saved, epoch), (late, peak)):
        assert run.experiment == shaken.experiment.at(at, learning_rate=0.5)
        assert run.last_error < shaken.last_error / 10
    assert epoch == crossing and (np.diff(saved.test_error) < 0).all()
    assert sharpness(saved, range(1001)).max() < 2 / 0.5
    assert peak == 100 + np.argmax(shaken.test_error[100:900])
