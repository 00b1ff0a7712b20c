package io.tidemark.row;

/**
 * A row, a block or a schema that does not fit. The text names the column and says what would fit;
 * it is meant for whoever sent the row.
 */
public final class InvalidRowException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public InvalidRowException(String message) {
    super(message);
  }

  public InvalidRowException(String message, Throwable cause) {
    super(message, cause);
  }
}
