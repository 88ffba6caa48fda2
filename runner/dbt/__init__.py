"""dbt run inside this process, and the parsed project kept between runs."""
