{#- The end of an incremental model: the rows of a CTE and, on a table that exists, a tombstone for each row of the
    run's dates whose key is no longer among them, so that the one MERGE that follows replaces those dates whole.
    A tombstone has its key set and all else null: the models' delete_condition and insert_condition ask a column
    that is never null in a real row. Its nulls come from the unmatched side of a join, which types them.
    cte: the name of the CTE with the model's columns. -#}
{%- macro replace_dates(cte) -%}
    {%- set columns = model.columns.keys() | list -%}
    {%- set keys = config.require('unique_key') -%}
    select
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ cte }}
    {%- if is_incremental() and not flags.EMPTY %}
    union all
    select
        {%- for column in columns %}
        {{ 'old' if column in keys else 'new' }}.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }} as old
    left join {{ cte }} as new
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}old.{{ key }} = new.{{ key }}
            {%- endfor %}
    where
        new.{{ keys[0] }} is null
        and {{ in_scope('old.snapshot_date') }}
    {%- endif -%}
{%- endmacro -%}
