{#- The end of an incremental model: the rows of a CTE and, on a table that exists, a tombstone for each row of the
    run's dates whose key is no longer among them, so that the one MERGE that follows replaces those dates whole.
    A tombstone has its key set and all else null (the join leaves it unmatched, which also types its nulls): the
    models' delete_condition and insert_condition ask a column that is never null in a real row.
    cte: the name of the CTE with the model's columns. key: the columns of its unique key. -#}
{%- macro replace_dates(cte, key) -%}
    {%- if is_incremental() and not flags.EMPTY -%}
    select *
    from (
        select distinct {{ key | join(', ') }}
        from {{ this }}
        where {{ in_scope('snapshot_date') }}
    ) as rows_of_before
    full outer join {{ cte }} using ({{ key | join(', ') }})
    {%- else -%}
    select * from {{ cte }}
    {%- endif -%}
{%- endmacro -%}
