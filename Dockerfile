# Two images for a read-only root and a user without rights:
#   docker build --target onnx --tag digitpad .          serves without torch: under 300 MB of packages
#   docker build --target torch --tag digitpad:torch .   trains, too; several GB, or less with
#       --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
#   docker run --read-only --tmpfs /tmp --volume digitpad:/app/instance --publish 8000:8000 digitpad
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/digitpad
ENV PATH=/opt/digitpad/bin:$PATH
COPY requirements-serve.txt requirements-cluster.txt /tmp/
RUN pip install --requirement /tmp/requirements-serve.txt --requirement /tmp/requirements-cluster.txt

FROM packages AS packages-torch
ARG PIP_EXTRA_INDEX_URL=
COPY requirements.txt /tmp/
RUN pip install --requirement /tmp/requirements.txt

# Byte code is compiled here: on a read-only root every start would compile anew.
FROM python:${PYTHON} AS code
WORKDIR /app
COPY app.py gunicorn.conf.py train.py ./
COPY corrections corrections
COPY model model
COPY web web
COPY static static
COPY templates templates
COPY weights weights
RUN python -m compileall -q --invalidation-mode unchecked-hash .

FROM python:${PYTHON} AS ready
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin digitpad \
    && install -d -o digitpad -g digitpad /app/instance
WORKDIR /app
ENV PATH=/opt/digitpad/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    DIGITPAD_BIND=0.0.0.0:8000
USER 10001:10001
VOLUME /app/instance
EXPOSE 8000
# A forward pass with the default weights. The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]

FROM ready AS torch
COPY --from=packages-torch /opt/digitpad /opt/digitpad
COPY --from=code /app /app

FROM ready AS onnx
COPY --from=packages /opt/digitpad /opt/digitpad
COPY --from=code /app /app
