{%- macro create_source_tables() -%}
    {%- for source in graph.sources.values() if source.external -%}
        {%- set external = source.external -%}
        {%- set location = 's3://' ~ env_var('DATA_BUCKET') ~ '/' ~ external.location ~ '/' -%}
        {%- set partitions = external.partitions or [] -%}
        {%- set partition_names = partitions | map(attribute='name') | list -%}
        {%- set statement -%}
create external table if not exists `{{ source.schema }}`.`{{ source.identifier }}` (
    {%- for column in source.columns.values() if column.name not in partition_names %}
    `{{ column.name }}` {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- if partitions %}
partitioned by (
    {%- for partition in partitions %}
    `{{ partition.name }}` {{ partition.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endif %}
{{ external.row_format }}
location '{{ location }}'
tblproperties (
    {%- for property, value in (external.table_properties or {}).items() %}
    '{{ property }}' = '{{ value | replace('${location}', location) }}',
    {%- endfor %}
    'declared_as' =
        {%- endset -%}
        {%- set digest = local_md5(statement) -%}
        {%- set relation = api.Relation.create(
            database=source.database, schema=source.schema, identifier=source.identifier
        ) -%}
        {%- set existing = adapter.get_glue_table(relation) -%}
        {%- if existing and existing.Table.Parameters.get('declared_as') != digest -%}
            {%- do run_query('drop table `' ~ source.schema ~ '`.`' ~ source.identifier ~ '`') -%}
        {%- endif -%}
        {%- if not existing or existing.Table.Parameters.get('declared_as') != digest -%}
            {%- do run_query(statement ~ " '" ~ digest ~ "'\n)") -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
