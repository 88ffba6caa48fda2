{#- Whether an incremental model compares its rows with those of its table. Not in a build with --empty, whose rows are
    none: they would be taken for rows that are gone. A unit test has its own rows even then. -#}
{%- macro compares_with_table() -%}
    {{- return(is_incremental() and not (flags.EMPTY and model.resource_type == 'model')) -}}
{%- endmacro -%}
