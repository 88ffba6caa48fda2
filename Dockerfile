# One image for every function; each names its own handler as the command (infra/pipeline.py).
# Python 3.12 is the newest for which every package in requirements/runtime.txt has an arm64 wheel.
# The tag holds arm64 and x86_64; a deployment by workflow names the image behind it by its digest (base_image).
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.12
FROM ${BASE_IMAGE}

ARG BASE_IMAGE
LABEL org.opencontainers.image.title="MedLaunch ELT" \
    org.opencontainers.image.description="Functions of the MedLaunch ELT pipeline" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.base.name="${BASE_IMAGE}"

# The lock first: this layer is built anew only when a version changes. Wheels only: the image has no compiler.
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r /tmp/runtime.txt \
    && rm /tmp/runtime.txt

# Lambda runs as a user of its own, so that the files must be readable by all.
COPY --chmod=755 dbt_project.yml ${LAMBDA_TASK_ROOT}/
COPY --chmod=755 profiles.example.yml ${LAMBDA_TASK_ROOT}/profiles/profiles.yml
COPY --chmod=755 seeds ${LAMBDA_TASK_ROOT}/seeds
COPY --chmod=755 macros ${LAMBDA_TASK_ROOT}/macros
COPY --chmod=755 models ${LAMBDA_TASK_ROOT}/models
COPY --chmod=755 tests/dbt ${LAMBDA_TASK_ROOT}/tests/dbt
COPY --chmod=755 runner ${LAMBDA_TASK_ROOT}/runner
# The parsed dbt project lies beside it: a cold start loads it in milliseconds, and the bucket can carry no code.
WORKDIR ${LAMBDA_TASK_ROOT}
RUN python -m compileall -q runner \
    && DBT_TARGET=prod DBT_PROFILES_DIR="${LAMBDA_TASK_ROOT}/profiles" \
    python -m runner.dbt.build_manifest manifest.bin && chmod 644 manifest.bin

# Everything but /tmp is read-only in Lambda, and dbt must not call home from a cold start.
ENV DBT_PROFILES_DIR=${LAMBDA_TASK_ROOT}/profiles \
    DBT_TARGET_PATH=/tmp/target \
    DBT_LOG_PATH=/tmp/logs \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false

# Last, so that a commit that changes no file of the image builds no layer anew.
ARG REVISION=unknown
LABEL org.opencontainers.image.revision="${REVISION}"

CMD ["runner.lambdas.handlers.transform"]
