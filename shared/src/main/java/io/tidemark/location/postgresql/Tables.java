package io.tidemark.location.postgresql;

/**
 * The tables, and the statements on them.
 *
 * <pre>
 * tidemark_schema(version INTEGER)                  one row
 * tidemark_head(shard TEXT, seqno BIGINT)           one row per key, for ever: its newest version
 * tidemark_version(shard TEXT, seqno BIGINT, data)  the versions that are not truncated
 * </pre>
 *
 * <p>The key of consensus is the column {@code shard}. A row of the head is the fence: a version is
 * appended only by who has locked that row and moves it one further. The lock is what makes it
 * safe: a statement that waited for it sees the row as it is now, not as it was when the statement
 * began. What the table of versions holds decides nothing, so truncating it makes no number free.
 *
 * @param schema quoted with a dot, to stand before a table
 */
record Tables(String schema) {

  /** The version of the tables above. */
  static final int SCHEMA_VERSION = 1;

  /** Held while the tables are made: any number that nobody else is likely to use. */
  private static final long CREATION_LOCK = 0x7469_6465_6d61_726bL;

  static Tables in(PostgresLocation location) {
    return new Tables('"' + location.schema() + "\".");
  }

  /** Says whether the schema and the tables exist. */
  String exist() {
    return "SELECT to_regnamespace('"
        + schema.substring(0, schema.length() - 1)
        + "') IS NOT NULL, to_regclass('"
        + schema
        + "tidemark_schema') IS NOT NULL";
  }

  /** The version of the tables, from a database that has them. */
  String version() {
    return "SELECT version FROM " + schema + "tidemark_schema";
  }

  /**
   * Makes the tables unless they are there. Several statements, which PostgreSQL runs in one
   * transaction; others that do the same wait for the lock.
   *
   * @param withSchema whether the schema must be made too, which needs a privilege even if it is
   *     there
   */
  String create(boolean withSchema) {
    return """
        SELECT pg_advisory_xact_lock(%2$d);
        %3$s
        CREATE TABLE IF NOT EXISTS %1$stidemark_head (
          shard text COLLATE "C" PRIMARY KEY,
          seqno bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS %1$stidemark_version (
          shard text COLLATE "C" NOT NULL,
          seqno bigint NOT NULL,
          data bytea NOT NULL,
          PRIMARY KEY (shard, seqno)
        );
        ALTER TABLE %1$stidemark_version ALTER COLUMN data SET STORAGE EXTERNAL;
        CREATE TABLE IF NOT EXISTS %1$stidemark_schema (
          one boolean PRIMARY KEY DEFAULT true CHECK (one),
          version integer NOT NULL
        );
        INSERT INTO %1$stidemark_schema (version) VALUES (%4$d) ON CONFLICT DO NOTHING
        """
        .formatted(
            schema,
            CREATION_LOCK,
            withSchema
                ? "CREATE SCHEMA IF NOT EXISTS " + schema.substring(0, schema.length() - 1) + ";"
                : "",
            SCHEMA_VERSION);
  }

  /**
   * Appends what follows its head: keys ascending, without repeats; sequence numbers; contents. The
   * rows of the head are locked in the order of their keys, so no two of these wait for each other.
   * Returns the keys that won.
   */
  String advance() {
    return """
        WITH wanted AS MATERIALIZED (
          SELECT shard, seqno, place
          FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (shard, seqno, place)
        ), locked AS MATERIALIZED (
          SELECT h.shard, h.seqno, w.seqno AS next, w.place
          FROM %1$stidemark_head h JOIN wanted w ON h.shard = w.shard
          ORDER BY h.shard FOR UPDATE OF h
        ), advanced AS (
          UPDATE %1$stidemark_head h SET seqno = l.next FROM locked l
          WHERE h.shard = l.shard AND l.next = l.seqno + 1
          RETURNING h.shard, l.next, l.place
        )
        INSERT INTO %1$stidemark_version (shard, seqno, data)
        SELECT shard, next, ($3::bytea[])[place] FROM advanced
        RETURNING shard
        """
        .formatted(schema);
  }

  /**
   * Begins keys that never had a version: keys ascending, without repeats; contents of number 0.
   * Returns the keys that won.
   */
  String begin() {
    return """
        WITH wanted AS MATERIALIZED (
          SELECT shard, place FROM unnest($1::text[]) WITH ORDINALITY AS w (shard, place)
        ), begun AS (
          INSERT INTO %1$stidemark_head (shard, seqno)
          SELECT shard, 0 FROM wanted ORDER BY shard
          ON CONFLICT (shard) DO NOTHING
          RETURNING shard
        )
        INSERT INTO %1$stidemark_version (shard, seqno, data)
        SELECT shard, 0, ($2::bytea[])[place] FROM begun JOIN wanted USING (shard)
        RETURNING shard
        """
        .formatted(schema);
  }

  /** The newest version of a key. */
  String head() {
    return """
        SELECT v.seqno, v.data
        FROM %1$stidemark_head h
        JOIN %1$stidemark_version v ON v.shard = h.shard AND v.seqno = h.seqno
        WHERE h.shard = $1
        """
        .formatted(schema);
  }

  /** Versions of a key, from a number, at most so many. */
  String scan() {
    return """
        SELECT seqno, data FROM %1$stidemark_version
        WHERE shard = $1 AND seqno >= $2 ORDER BY seqno LIMIT $3
        """
        .formatted(schema);
  }

  /**
   * Removes versions of a key below a number, at most so many. Returns the head or null, how many
   * were found, and how many of these nobody else removed.
   */
  String truncate() {
    return """
        WITH h AS MATERIALIZED (
          SELECT seqno FROM %1$stidemark_head WHERE shard = $1
        ), found AS MATERIALIZED (
          SELECT v.seqno FROM %1$stidemark_version v, h
          WHERE v.shard = $1 AND v.seqno < $2 AND h.seqno >= $2
          ORDER BY v.seqno LIMIT $3
        ), removed AS (
          DELETE FROM %1$stidemark_version v USING found f
          WHERE v.shard = $1 AND v.seqno = f.seqno
          RETURNING 1
        )
        SELECT (SELECT seqno FROM h),
          (SELECT count(*) FROM found), (SELECT count(*) FROM removed)
        """
        .formatted(schema);
  }

  /** Keys after a key, ascending, at most so many. */
  String keys() {
    return "SELECT shard FROM " + schema + "tidemark_head WHERE shard > $1 ORDER BY shard LIMIT $2";
  }
}
