{%- test registered_reject_reasons(model, stage) -%}
select distinct reject_reason
from {{ model }}
where
    reject_reason = ''
    or not regexp_like(concat(reject_reason, ';'), '\A({{ rule_codes(stage) | join(';)?(') }};)?\z')
{%- endtest -%}
