{%- macro add_new_columns(relation) -%}
    {%- set standing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- set new_columns = [] -%}
    {%- for column in model.columns.values() if column.name not in standing -%}
        {%- do new_columns.append(api.Column.create(column.name, column.data_type)) -%}
    {%- endfor -%}
    {%- do alter_relation_add_columns(relation, new_columns, 'iceberg') -%}
{%- endmacro -%}
