package io.tidemark.location.sqlite;

import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's result codes mean to this store. Texts of errors are never looked at. */
final class ResultCode {

  private ResultCode() {}

  /**
   * True if another connection is in the way, so that the same call may work a moment later: a lock
   * is held, the log is being recovered, or too many opened it at once.
   */
  static boolean isBusy(SQLException e) {
    int code = primary(e);
    return code == SQLiteErrorCode.SQLITE_BUSY.code
        || code == SQLiteErrorCode.SQLITE_LOCKED.code
        || code == SQLiteErrorCode.SQLITE_PROTOCOL.code;
  }

  /** The code's name, for people; or what the driver says if the error is not SQLite's. */
  static String name(SQLException e) {
    if (e instanceof SQLiteException sqlite) {
      return sqlite.getResultCode().name();
    }
    return e.getCause() == null ? e.toString() : e + ": " + e.getCause();
  }

  private static int primary(SQLException e) {
    return e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : -1;
  }
}
