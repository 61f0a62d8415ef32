# hubgate for production; docs/operations.md says how it is run. Build: docker build -t hubgate .
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
# The environment has no pip of its own: what is not in the lock file cannot be added to it.
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.lock
COPY manage.py pyproject.toml ./
COPY hubgate hubgate
COPY repos repos
COPY tagging tagging
COPY access access
# Collecting reads no secret and no database: these settings have neither.
RUN HUBGATE_STATIC_ROOT=/build/static DJANGO_SETTINGS_MODULE=hubgate.settings.base \
    /opt/venv/bin/python manage.py collectstatic --no-input \
 && /opt/venv/bin/python -m compileall -q hubgate repos tagging access

FROM python:3.11.14-slim-bookworm
RUN groupadd --system --gid 10001 hubgate \
 && useradd --system --uid 10001 --gid hubgate --home-dir /srv/hubgate --no-create-home --shell /usr/sbin/nologin hubgate \
 && install -d -o hubgate -g hubgate -m 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /build /srv/hubgate
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/srv/hubgate \
    DJANGO_SETTINGS_MODULE=hubgate.settings.production \
    HUBGATE_DATA=/data \
    HUBGATE_STATIC_ROOT=/srv/hubgate/static \
    HUBGATE_BIND=0.0.0.0:8000
WORKDIR /srv/hubgate
USER hubgate
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "-m", "hubgate.health", "http://127.0.0.1:8000/readyz"]
CMD ["gunicorn", "-c", "python:hubgate.gunicorn_production", "hubgate.wsgi:application"]
