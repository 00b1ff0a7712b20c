package io.tidemark.row;

/**
 * Which fields are written with the columns of a row. The error of an update that carries one is
 * always written.
 *
 * @param time whether {@code _time} is
 * @param diff whether {@code _diff} is; if not, all updates look like those of diff 1
 */
public record RowFields(boolean time, boolean diff) {

  /** What makes an update whole: read again it is the same. */
  public static final RowFields ALL = new RowFields(true, true);

  /** What a snapshot shows: its rows all stand at one time. */
  public static final RowFields SNAPSHOT = new RowFields(false, true);
}
