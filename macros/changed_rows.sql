{#- The last query of an incremental model. It returns the rows of a CTE that are new or differ from the table, and a
    tombstone for each row of the run's dates whose key is no longer in the CTE. The MERGE that follows applies exactly
    these changes.
    In a tombstone all columns except the key are null. The nulls come from the unmatched side of the full join, so they
    have the columns' types. The models' delete_condition and insert_condition test the first compared column, which is
    never null in other rows.
    cte: the name of the CTE. key: the columns of the unique key. compared: a row is changed if one of these columns
    differs. compared_as_json: compared columns of an array type; null and an empty array are equal. carried: columns that
    are not compared, because they follow from the key or because their change alone is no reason to write a row.
    confined_to: the files whose rows the CTE holds; none for all files. -#}
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
