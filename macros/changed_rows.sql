{#- The end of an incremental model: of a CTE the rows that the table lacks or holds otherwise and, for each row of the
    run's dates whose key is no longer in the CTE, a tombstone. The one MERGE that follows then brings the dates to the
    CTE's state and writes nothing else.
    A tombstone has its key set and all else null (the join leaves it unmatched, which also types its nulls): the
    models' delete_condition and insert_condition ask the first of the compared columns, which is never null in a row.
    cte: the name of the CTE. key: the columns of the unique key. compared: the columns by which a row is told to be
    changed. compared_as_json: those of an array type; no array and an empty one are taken as
    equal. carried: the columns that follow from the key or do not count.
    confined_to: the files of which the CTE holds the rows; none for all. -#}
{%- macro changed_rows(cte, key, compared, compared_as_json=[], carried=[], confined_to=none) -%}
    {%- if compares_with_table() -%}
    select
        {% for column in key -%}
        {{ column }},
        {% endfor -%}
        {% for column in compared + compared_as_json + carried -%}
        new_rows.{{ column }}{{ ',' if not loop.last }}
        {% endfor -%}
    from (
        select {{ (key + compared + compared_as_json) | join(', ') }}
        from {{ this }}
        where
            {{ in_scope('snapshot_date') }}
            {%- if confined_to is not none %}
            and {{ in_files(confined_to, 'source_file') }}
            {%- endif %}
    ) as old_rows
    full outer join {{ cte }} as new_rows using ({{ key | join(', ') }})
    where
        {% for column in compared -%}
        {{ 'or ' if not loop.first }}new_rows.{{ column }} is distinct from old_rows.{{ column }}
        {% endfor -%}
        {% for column in compared_as_json -%}
        or nullif(json_format(cast(new_rows.{{ column }} as json)), '[]')
        is distinct from nullif(json_format(cast(old_rows.{{ column }} as json)), '[]')
        {% endfor -%}
    {%- else -%}
    select * from {{ cte }}
    {%- endif -%}
{%- endmacro -%}
