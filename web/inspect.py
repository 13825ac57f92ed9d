"""POST /inspect: layer outputs, attribution and counterfactual for one image or drawing."""

from functools import partial
from typing import Any, get_args

from flask import Blueprint, request

from model.explain.attribution import Why
from model.explain.counterfactual import Change
from model.explain.inspection import Inspection, Wanted, Which, inspect_drawing, inspect_file
from model.explain.quantise import quantise, quantise_signed
from model.explain.steps import Step
from model.inference.engines.receptive_fields import Field
from model.inference.recognizer import Recognizer
from model.preprocessing.image_files import encode_png
from web import answers, query
from web.answers import answer, data_url, encoded, quantised, rounded
from web.problems import Problem
from web.request_body import Body

blueprint = Blueprint("inspect", __name__)


@blueprint.post("/inspect")
def inspect() -> dict[str, Any]:
    """Read one digit. Answer with the layers' outputs, and with attribution and a counterfactual where asked for."""
    return answer(partial(_inspect, wanted=_wanted()), _result)


def _wanted() -> Wanted:
    layers: Any = request.args.get("layers", "steps")
    if layers not in get_args(Which):
        raise Problem(400, "Unknown layers", f"layers={layers} is not known: use {', '.join(get_args(Which))}.")
    why = query.flag("why")
    label, towards = request.args.get("for"), request.args.get("towards")
    if label is not None and not why:
        raise Problem(400, "Nothing to explain", f"for={label} says what to explain: ask for it with why=true.")
    return Wanted(layers, why, label, towards)


def _inspect(recognizer: Recognizer, body: Body, wanted: Wanted) -> list[Inspection]:
    classes = recognizer.description.classes
    for name, label in (("for", wanted.label), ("towards", wanted.towards)):
        if label is not None and label not in classes:
            raise Problem(400, "Unknown label", f"{name}={label} is no answer of this model: use {', '.join(classes)}.")
    if body.drawing is not None:
        return [inspect_drawing(recognizer, body.drawing, None, wanted)]
    if len(body.files) > 1:
        raise Problem(400, "Too many images", "One image is inspected at a time: send each in a request of its own.")
    return [inspect_file(recognizer, body.files[0], wanted)]


def _result(inspection: Inspection) -> dict[str, Any]:
    result = {
        **answers.reading(inspection.reading),
        "input": data_url(inspection.reading.seen_png()),
        "frame": [rounded(side) for side in inspection.frame] if inspection.frame else None,
        "logits": {name: rounded(logit) for name, logit in inspection.logits.items()},
        "temperature": inspection.temperature,
        "second_look": inspection.second_look,
    }
    if inspection.steps:
        result["layers"] = [_layer(step) for step in inspection.steps]
    if inspection.why:
        result["why"] = _why(inspection.why)
    if inspection.change:
        result["change"] = _change(inspection.change)
    return result


def _layer(step: Step) -> dict[str, Any]:
    layer = step.layer
    described: dict[str, Any] = {
        "step": step.number,
        "name": layer.name,
        "kind": layer.kind,
        "from": layer.inputs,
        "parts": [{"name": part.name, "kind": part.kind, **_operation(part.operation)} for part in step.parts],
        **_operation(layer.operation),
        **({"field": _field(layer.field)} if layer.field else {}),
    }
    return described | quantised(quantise(layer.values))


def _operation(operation: Any) -> dict[str, Any]:
    return {"operation": vars(operation)} if operation else {}


def _field(field: Field) -> dict[str, float]:
    return {name: rounded(value) for name, value in vars(field).items()}


def _why(why: Why) -> dict[str, Any]:
    return {
        "label": why.label,
        "score": rounded(why.score),
        "on_paper": rounded(why.on_paper),
        "maps": [
            {
                "method": reason.method,
                "title": reason.title,
                "sum": rounded(float(reason.values.sum())),
                **quantised(quantise_signed(reason.values)),
            }
            for reason in why.reasons
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    if change.image is None or change.erase is None or change.add is None or change.reading is None:
        return {"label": change.label, "found": False, "ended": change.ended}
    return {
        "label": change.label,
        "found": True,
        "erase": encoded(change.erase.tobytes()),
        "add": encoded(change.add.tobytes()),
        "erased": rounded(change.erased),
        "added": rounded(change.added),
        "verdict": change.reading.verdict,
        "probabilities": change.reading.probabilities,
        "image": data_url(encode_png(change.image)),
    }
