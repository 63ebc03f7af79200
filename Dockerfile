# On Record in a container: the server, and every other command. docs/deploying.md says how it is run.
#
# The image holds the program and its models, nothing else: the sources come in at /sources, to be read; the index is all
# that is written, in the volume /state. It is built by `sync`, before the server starts and not by it: so the server is
# up in seconds whatever there is to read, several may share one index, and a fault in a source stops no server.

ARG PYTHON=3.11

# What the program needs: again only where pyproject.toml has changed.
FROM python:${PYTHON}-slim AS packages
# Where torch comes from: the address of an index of packages that has its CPU build. Empty: from where all others do.
ARG TORCH_INDEX=""
WORKDIR /build
RUN python -m venv --without-pip /opt/onrecord
COPY pyproject.toml ./
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > needed.txt \
    && pip --python /opt/onrecord/bin/python install --no-cache-dir --only-binary :all: \
        ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep '^torch' needed.txt)" \
    && pip --python /opt/onrecord/bin/python install --no-cache-dir --only-binary :all: --requirement needed.txt

# The program.
FROM python:${PYTHON}-slim AS program
WORKDIR /build
COPY pyproject.toml README.md LICENSE onrecord.py ./
COPY index index
COPY assistant assistant
COPY evals evals
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

# Both, and neither compiler nor source tree. The large layer stays the same where only the program has changed.
FROM python:${PYTHON}-slim
COPY --from=packages /opt/onrecord /opt/onrecord
RUN --mount=type=bind,from=program,source=/wheels,target=/wheels \
    pip --python /opt/onrecord/bin/python install --no-cache-dir --no-deps /wheels/*.whl \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin onrecord \
    && install --directory --owner onrecord --group onrecord --mode 0750 /state

ENV PATH=/opt/onrecord/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 \
    ONRECORD_SOURCES=/sources \
    ONRECORD_INDEX=/state/index \
    ONRECORD_HOST=0.0.0.0 \
    ONRECORD_PORT=7860
USER 10001
WORKDIR /state
VOLUME /state
EXPOSE 7860

# By http.client, which goes through no proxy.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
there = http.client.HTTPConnection('127.0.0.1', int(os.environ['ONRECORD_PORT']), timeout=8); \
there.request('GET', '/api/health/ready'); \
sys.exit(there.getresponse().status != 200)"]

# `exec` form: the server gets the signal that ends it, and answers what it has accepted.
ENTRYPOINT ["onrecord"]
CMD ["serve"]
