{#- Fails with each row for which a predicate does not hold. expression: the predicate. -#}
{%- test expression_is_true(model, expression) -%}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{%- endtest -%}
