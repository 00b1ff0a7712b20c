package io.tidemark.location.postgresql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SqlStateTest {

  private static final PostgresLocation HERE =
      PostgresLocation.parse("postgresql://me:s3cret@localhost/db", null);

  private static PgException error(String state) {
    return new PgException("said\nthe server", "ERROR", state, "");
  }

  @Test
  void shouldTrustOnlyErrorsOfWhatWasRolledBack() {
    for (String state :
        List.of(
            "40001", "40P01", "53100", "53200", "53300", "53400", "55P03", "57014", "57P03",
            "25006", "28P01", "3D000", "3F000", "42P01", "42501", "23505", "54000", "22001")) {
      assertInstanceOf(DeterminateException.class, SqlState.ofStatement(HERE, error(state)), state);
    }
    for (String state :
        List.of(
            "08006", "08003", "08P01", "40003", "57P01", "57P02", "57P05", "58030", "58P01",
            "F0000", "XX000", "XX001", "00000", "99999")) {
      assertInstanceOf(
          IndeterminateException.class, SqlState.ofStatement(HERE, error(state)), state);
    }
  }

  @Test
  void shouldNotKnowWhatBecameOfAStatementWithoutAnAnswer() {
    for (Throwable lost :
        List.of(
            ClosedConnectionException.INSTANCE,
            new IOException("connection reset"),
            new TimeoutException(),
            new IllegalStateException(),
            new PgException("no state", "ERROR", null, null))) {
      assertInstanceOf(IndeterminateException.class, SqlState.ofStatement(HERE, lost));
      assertFalse(SqlState.leavesSessionUsable(lost));
    }
  }

  @Test
  void shouldKeepAConnectionOnlyAfterWhatSaysNothingAgainstIt() {
    for (String state : List.of("40001", "40P01", "55P03", "57014", "23505", "53100")) {
      assertTrue(SqlState.leavesSessionUsable(error(state)), state);
    }
    for (String state : List.of("25006", "57P01", "57P03", "53300", "XX000", "42P01", "08006")) {
      assertFalse(SqlState.leavesSessionUsable(error(state)), state);
    }
  }

  @Test
  void shouldSayWhatHappenedInOneLine() {
    assertEquals("said the server (SQLSTATE 40001)", SqlState.reason(error("40001")));
    assertEquals(
        "outer: inner",
        SqlState.reason(new IllegalStateException("outer", new IOException("inner"))));
    assertEquals("no answer in time", SqlState.reason(new TimeoutException("x")));
  }
}
