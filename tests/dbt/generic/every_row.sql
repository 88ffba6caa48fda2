{#- Fails with each row for which a predicate does not hold. satisfies: the predicate. -#}
{%- test every_row(model, satisfies) -%}
select *
from {{ model }}
where not coalesce({{ satisfies }}, false)
{%- endtest -%}
