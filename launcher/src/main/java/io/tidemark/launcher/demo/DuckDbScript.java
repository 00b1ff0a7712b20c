package io.tidemark.launcher.demo;

import io.tidemark.row.Column;
import io.tidemark.row.Schema;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * SQL with which DuckDB reads collections from their Parquet, with no part of Tidemark. A view
 * names the very parts that the collection is made of: what else lies in the folder was uploaded by
 * a node that died before the commit, and is in no collection.
 */
final class DuckDbScript {

  /** What the demo suggests to ask; both collections have a say in it. */
  static final String QUERY =
      "SELECT airport, a.flights, round(a.total_delay / a.flights, 1) AS mean_delay,"
          + " count(f.flight) AS listed, max(f.delay) AS worst"
          + " FROM airports a JOIN flights f ON f.origin = a.airport"
          + " GROUP BY ALL ORDER BY a.flights DESC, airport LIMIT 5";

  private final Path parts;
  private final StringBuilder text = new StringBuilder();

  /**
   * An empty script.
   *
   * @param parts the folder of the blob store
   */
  DuckDbScript(Path parts) {
    this.parts = parts.toAbsolutePath().normalize();
    text.append("-- Reads the Parquet of the demo's collections: duckdb -init THIS_FILE\n");
  }

  /** Adds a view of a collection: the rows that are there at the end of its parts. */
  void view(String collection, Schema schema, List<String> partKeys) {
    String columns =
        schema.columns().stream()
            .map(column -> '"' + column.name() + '"')
            .collect(Collectors.joining(", "));
    text.append("CREATE OR REPLACE VIEW ").append(collection).append(" AS\n");
    if (partKeys.isEmpty()) {
      text.append("SELECT ").append(nothing(schema)).append(" WHERE false;\n");
      return;
    }
    String files =
        partKeys.stream()
            .map(key -> "  '" + parts.resolve(key).toString().replace("'", "''") + "'")
            .collect(Collectors.joining(",\n"));
    text.append("SELECT ").append(columns).append("\nFROM read_parquet([\n").append(files);
    text.append(
        "], union_by_name = true)\nWHERE _error IS NULL\nGROUP BY ALL HAVING sum(_diff) > 0;\n");
  }

  private static String nothing(Schema schema) {
    return schema.columns().stream()
        .map(Column::name)
        .map(name -> "NULL AS \"" + name + '"')
        .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
