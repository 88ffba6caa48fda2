{#- Fails for each reject_reason that is not a list of the registry's codes for a stage, in the registry's order.
    stage: 1 or 3. -#}
{%- test registered_reject_reasons(model, stage) -%}
select distinct reject_reason
from {{ model }}
where
    reject_reason = ''
    or not regexp_like(concat(reject_reason, ';'), '\A({{ rule_codes(stage) | join(';)?(') }};)?\z')
{%- endtest -%}
