# The service as an image: `docker build -t tocsin .`; docker-compose.yml runs it with PostgreSQL. docs/operations.md goes through it.

FROM python:3.13-slim-bookworm AS packages
COPY requirements.lock /build/requirements.lock
RUN python -m venv /opt/tocsin \
    && /opt/tocsin/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements.lock

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 tocsin \
    && useradd --uid 10001 --gid tocsin --no-create-home --home-dir /srv/tocsin --shell /usr/sbin/nologin tocsin \
    && install -d -o tocsin -g tocsin -m 0750 /var/lib/tocsin
COPY --from=packages /opt/tocsin /opt/tocsin
WORKDIR /srv/tocsin
COPY LICENSE pyproject.toml ./
COPY api ./api
COPY incidents ./incidents
COPY migrations ./migrations
COPY notifiers ./notifiers
COPY people ./people
COPY playbooks ./playbooks
COPY tocsin ./tocsin
# So that the command is `tocsin` from any folder; compiled now, because the service cannot write here.
RUN printf '#!/bin/sh\ncd /srv/tocsin && exec /opt/tocsin/bin/python -m tocsin "$@"\n' > /opt/tocsin/bin/tocsin \
    && chmod 0755 /opt/tocsin/bin/tocsin \
    && python -m compileall -q /srv/tocsin

ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    TOCSIN_DATA_DIR=/var/lib/tocsin \
    TOCSIN_LISTEN=0.0.0.0:8080 \
    TOCSIN_LOG_JSON=true
USER 10001:10001
VOLUME /var/lib/tocsin
EXPOSE 8080
ENTRYPOINT ["tocsin"]
CMD ["serve"]
