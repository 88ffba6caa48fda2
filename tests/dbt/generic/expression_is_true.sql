{#- Fails for each row for which a predicate is false or null. expression: the predicate. -#}
{%- test expression_is_true(model, expression) -%}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{%- endtest -%}
