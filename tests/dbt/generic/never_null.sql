{#- Fails with each row in which one of the columns is null: one query for them all. columns: their names. -#}
{%- test never_null(model, columns) -%}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{%- endtest -%}
