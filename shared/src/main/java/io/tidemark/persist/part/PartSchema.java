package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** The Parquet types of a part's columns. */
final class PartSchema {

  /** A decimal is its unscaled value in 16 bytes, big-endian. */
  static final int DECIMAL_BYTES = 16;

  private static final String ROOT = "update";
  private static final String TABLE_ROOT = "row";

  private PartSchema() {}

  /**
   * The columns in the order of the file: those of the collection, then {@code _time}, {@code
   * _diff}, {@code _error}. Those of the collection may all be null, whatever the schema says: an
   * error carried as data has none of them.
   */
  static MessageType of(Schema schema) {
    List<Type> columns = new ArrayList<>();
    for (Column column : schema.columns()) {
      columns.add(optional(column.name(), column.type()));
    }
    columns.add(Types.required(PrimitiveTypeName.INT64).named(Schema.TIME));
    columns.add(Types.required(PrimitiveTypeName.INT64).named(Schema.DIFF));
    columns.add(optional(Schema.ERROR, ColumnType.STRING));
    return new MessageType(ROOT, columns);
  }

  /**
   * The columns of a table: those of the collection, and, unless it is plain, {@code _diff} and
   * {@code _error}. A plain one has no errors, so there a null is where the schema has it.
   */
  static MessageType table(Schema schema, boolean plain) {
    List<Type> columns = new ArrayList<>();
    for (Column column : schema.columns()) {
      Repetition repetition =
          plain && !column.nullable() ? Repetition.REQUIRED : Repetition.OPTIONAL;
      columns.add(typed(column.name(), column.type(), repetition));
    }
    if (!plain) {
      columns.add(Types.required(PrimitiveTypeName.INT64).named(Schema.DIFF));
      columns.add(optional(Schema.ERROR, ColumnType.STRING));
    }
    return new MessageType(TABLE_ROOT, columns);
  }

  private static PrimitiveType optional(String name, ColumnType type) {
    return typed(name, type, Repetition.OPTIONAL);
  }

  private static PrimitiveType typed(String name, ColumnType type, Repetition repetition) {
    PrimitiveTypeName stored =
        switch (type.kind().storage()) {
          case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
          case INT -> PrimitiveTypeName.INT32;
          case LONG -> PrimitiveTypeName.INT64;
          case DOUBLE -> PrimitiveTypeName.DOUBLE;
          case DECIMAL -> PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
          case BYTES -> PrimitiveTypeName.BINARY;
        };
    return Types.primitive(stored, repetition)
        .length(type.kind() == ColumnType.Kind.DECIMAL ? DECIMAL_BYTES : 0)
        .as(
            switch (type.kind()) {
              case BOOL, INT32, INT64, FLOAT64, BYTES -> null;
              case DECIMAL -> LogicalTypeAnnotation.decimalType(type.scale(), type.precision());
              case STRING -> LogicalTypeAnnotation.stringType();
              case JSON -> LogicalTypeAnnotation.jsonType();
              case DATE -> LogicalTypeAnnotation.dateType();
              case TIMESTAMP -> LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS);
            })
        .named(name);
  }
}
