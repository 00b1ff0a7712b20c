package io.tidemark.row;

/**
 * A row, a block or a schema that does not fit. The text names the column and says what would fit;
 * it is meant for whoever sent the row.
 */
public final class InvalidRowException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final boolean mayFitNewerSchema;

  public InvalidRowException(String message) {
    this(message, false);
  }

  private InvalidRowException(String message, boolean mayFitNewerSchema) {
    super(message);
    this.mayFitNewerSchema = mayFitNewerSchema;
  }

  public InvalidRowException(String message, Throwable cause) {
    super(message, cause);
    this.mayFitNewerSchema = cause instanceof InvalidRowException inner && inner.mayFitNewerSchema;
  }

  /** Of a row that has a column which the schema lacks, or lacks one which must not be null. */
  static InvalidRowException ofOtherSchema(String message) {
    return new InvalidRowException(message, true);
  }

  /** Whether the collection may have a newer schema, which the row fits. */
  public boolean mayFitNewerSchema() {
    return mayFitNewerSchema;
  }
}
