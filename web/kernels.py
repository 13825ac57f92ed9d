"""GET /models/NAME/kernels/LAYER: the kernels of a convolution."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from model.explain.quantise import quantise
from web.answers import quantised, revalidated, rounded
from web.problems import Problem
from web.recognizers import pick, recognizers

blueprint = Blueprint("kernels", __name__)
YEAR = 365 * 24 * 3600  # in seconds


@blueprint.get("/models/<name>/kernels/<layer>")
def kernels(name: str, layer: str) -> Response:
    """Answer with the kernels and the bias of one convolution.

    With the right ?version= of the weights, the answer may be cached for ever: other weights have another address.
    Without it, a client has to revalidate.
    """
    known = recognizers()
    if name not in {*known.loaded, *known.refused, *known.failures}:
        raise Problem(
            404, "Unknown model", f"No model is named {name!r}: use one of {', '.join(sorted(known.loaded))}."
        )
    recognizer = pick(name)
    convolutions = recognizer.kernels()
    if layer not in convolutions:
        advice = f"its convolutions are {', '.join(convolutions)}." if convolutions else "it has no convolutions."
        raise Problem(404, "Unknown layer", f"No convolution of {name!r} is named {layer!r}: {advice}")
    weights, bias = convolutions[layer].weights, convolutions[layer].bias
    answer: dict[str, Any] = {
        "model": {"name": recognizer.name, "version": recognizer.version},
        "layer": layer,
        **quantised(quantise(weights)),
        "bias": None if bias is None else [rounded(value) for value in bias.tolist()],
    }
    response = jsonify(answer)
    response.set_etag(f"{recognizer.version}/{layer}")
    if request.args.get("version") == recognizer.version:
        response.cache_control.public, response.cache_control.immutable = True, True
        response.cache_control.max_age = YEAR
        response.make_conditional(request)
        return response
    return revalidated(response)
