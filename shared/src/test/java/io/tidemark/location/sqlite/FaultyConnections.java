package io.tidemark.location.sqlite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Real connections, of which a test sees each prepared statement that is run, and can fail it. */
final class FaultyConnections implements SqliteConsensus.Connecting {

  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  volatile Hook before = sql -> {};
  volatile Hook after = sql -> {};

  private volatile Hold hold;

  private final Database database;

  FaultyConnections(Database database) {
    this.database = database;
  }

  /** Called around each run of a statement. */
  interface Hook {
    void run(String sql) throws SQLException;
  }

  /** A hook that fails statements that begin so, with a result code. */
  static Hook failing(String sqlPrefix, SQLiteErrorCode code) {
    return sql -> {
      if (sql.startsWith(sqlPrefix)) {
        throw new SQLiteException("injected", code);
      }
    };
  }

  /** Makes the next statement that begins so wait, on its thread, until it is released. */
  Hold hold(String sqlPrefix) {
    Hold next = new Hold(sqlPrefix);
    hold = next;
    return next;
  }

  /** A statement that waits. */
  static final class Hold {

    private final String sqlPrefix;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private Hold(String sqlPrefix) {
      this.sqlPrefix = sqlPrefix;
    }

    void awaitReached() throws InterruptedException {
      assertTrue(reached.await(60, TimeUnit.SECONDS));
    }

    void release() {
      released.countDown();
    }

    private void reach() throws InterruptedException {
      reached.countDown();
      assertTrue(released.await(60, TimeUnit.SECONDS));
    }
  }

  @Override
  public Connection connect() throws SQLException {
    Connection connection = database.connect();
    opened.incrementAndGet();
    return proxy(
        Connection.class,
        (method, arguments) -> {
          if (method.getName().equals("close")) {
            closed.incrementAndGet();
          }
          Object result = method.invoke(connection, arguments);
          return result instanceof PreparedStatement statement
              ? statement((String) arguments[0], statement)
              : result;
        });
  }

  private PreparedStatement statement(String sql, PreparedStatement statement) {
    return proxy(
        PreparedStatement.class,
        (method, arguments) -> {
          if (!method.getName().startsWith("execute")) {
            return method.invoke(statement, arguments);
          }
          before.run(sql);
          Hold held = hold;
          if (held != null && sql.startsWith(held.sqlPrefix)) {
            hold = null;
            held.reach();
          }
          Object result = method.invoke(statement, arguments);
          after.run(sql);
          return result;
        });
  }

  private interface Invocation {
    Object run(Method method, Object[] arguments) throws Exception;
  }

  private static <T> T proxy(Class<T> type, Invocation invocation) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return invocation.run(method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
