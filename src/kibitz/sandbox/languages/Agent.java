package kibitz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * What waits in a sandbox for its one Java program: {@link Compiler} to compile it, {@link Launcher} to run it.
 *
 * Rule: waiting, it uses what a program will need, so that it is loaded and compiled by then; nothing of that is seen by the program.
 */
final class Agent {
    private Agent() {}

    /** The bytes that were announced by their number and a newline; what follows stays unread, for the program. */
    static byte[] receive() throws IOException {
        InputStream in = new FileInputStream(FileDescriptor.in);
        int size = 0;
        for (int digit = in.read(); digit != '\n'; digit = in.read()) {
            if (digit < 0) {
                throw new EOFException();
            }
            size = 10 * size + digit - '0';
        }
        byte[] program = new byte[size];
        new DataInputStream(in).readFully(program);
        return program;
    }

    /** Whether the program is there already. */
    static boolean isAwaited() throws IOException {
        return new FileInputStream(FileDescriptor.in).available() == 0;
    }
}

/** Takes the text of a program and writes its classes to standard output: for each its name, its size, its bytes. */
final class Compiler {
    private static final int ROUNDS = 4;
    private static final List<String> OPTIONS = List.of("-proc:none");

    private static final String SAMPLE = """
            import java.util.*;
            import java.util.function.*;
            import java.util.stream.*;
            public class Main {
                interface Shape { double area(); }
                record Square(double side) implements Shape { public double area() { return side * side; } }
                enum Colour { RED, GREEN }
                static abstract class Base<T extends Comparable<T>> { abstract T get() throws Exception; }
                private final Map<String, List<Integer>> found = new TreeMap<>();
                static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
                public static void main(String[] args) throws Exception {
                    Scanner in = new Scanner(System.in);
                    StringBuilder text = new StringBuilder();
                    for (int i = 0; i < 10; i++) { text.append(i).append(','); }
                    int[][] grid = new int[3][4];
                    for (int[] row : grid) { for (int cell : row) { text.append(cell + 1); } }
                    List<String> names = new ArrayList<>(List.of("alice", "bob"));
                    Function<String, Integer> length = String::length;
                    System.out.println(names.stream().filter(n -> n.length() > 2).map(length).collect(Collectors.toList()) + " " + text);
                    System.out.printf("%d %.2f %s%n", fib(10), new Square(2).area(), Colour.RED);
                    switch (names.get(0)) { case "alice": break; default: throw new IllegalStateException("no " + names); }
                    try { Integer.parseInt("x"); } catch (NumberFormatException error) { System.err.println(error.getMessage()); }
                    while (in.hasNextLine()) { String line = in.nextLine(); if (line.isEmpty()) break; }
                }
            }
            """;

    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final JavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws IOException {
        Compiler compiler = new Compiler();
        for (int round = 0; round < ROUNDS && Agent.isAwaited(); round++) {
            compiler.compile(SAMPLE, Writer.nullWriter());
        }
        if (arguments.length > 0) {
            return; // a rehearsal, for the archive of classes
        }
        String source = new String(Agent.receive(), StandardCharsets.UTF_8);
        Map<String, ByteArrayOutputStream> classes = compiler.compile(source, new PrintWriter(System.err));
        if (classes == null) {
            System.exit(1);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        for (Map.Entry<String, ByteArrayOutputStream> one : classes.entrySet()) {
            out.writeUTF(one.getKey());
            out.writeInt(one.getValue().size());
            one.getValue().writeTo(out);
        }
        all.writeTo(System.out);
        System.out.flush();
    }

    /** The classes by their names, in the order in which they were written; null where the program has errors. */
    private Map<String, ByteArrayOutputStream> compile(String source, Writer complaints) {
        Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
        JavaFileManager keeping = new ForwardingJavaFileManager<JavaFileManager>(files) {
            @Override
            public JavaFileObject getJavaFileForOutput(Location to, String name, JavaFileObject.Kind kind, FileObject from) {
                return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/')), kind) {
                    @Override
                    public OutputStream openOutputStream() {
                        return classes.computeIfAbsent(name, key -> new ByteArrayOutputStream());
                    }
                };
            }
        };
        JavaFileObject program = new SimpleJavaFileObject(URI.create("memory:///Main.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }

            @Override
            public String getName() {
                return "Main.java";
            }

            @Override
            public boolean isNameCompatible(String name, Kind kind) {
                return true; // a public class may be called otherwise than Main
            }
        };
        boolean isGood = compiler.getTask(complaints, keeping, null, OPTIONS, null, List.of(program)).call();
        return isGood ? classes : null;
    }
}

/** Takes the classes of a program, puts them where Java finds them, and runs the first that can be run. */
final class Launcher {
    private Launcher() {}

    public static void main(String[] arguments) throws Throwable {
        rehearse();
        if (arguments.length > 0) {
            return; // for the archive of classes
        }
        Method main = find(unpack(Agent.receive()));
        if (main == null) {
            System.err.println("error: no class has a method: public static void main(String[] args)");
            System.exit(1);
        }
        main.setAccessible(true);
        try {
            main.invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException wrapped) {
            throw trimmed(wrapped.getCause());
        }
    }

    private static List<String> unpack(byte[] classes) throws IOException {
        List<String> names = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(classes));
        while (in.available() > 0) {
            String name = in.readUTF();
            Path path = Path.of(name.replace('.', '/') + ".class");
            if (path.getParent() != null) {
                Files.createDirectories(path.getParent());
            }
            Files.write(path, in.readNBytes(in.readInt()));
            names.add(name);
        }
        return names;
    }

    private static Method find(List<String> names) throws ClassNotFoundException {
        for (String name : names) {
            for (Method method : Class.forName(name, false, Launcher.class.getClassLoader()).getDeclaredMethods()) {
                boolean isMain = method.getName().equals("main")
                        && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String[].class});
                if (isMain && Modifier.isStatic(method.getModifiers()) && Modifier.isPublic(method.getModifiers())) {
                    return method;
                }
            }
        }
        return null;
    }

    /** Without the frames of this class and of what it calls the program by. */
    private static Throwable trimmed(Throwable thrown) {
        for (Throwable one = thrown; one != null; one = one.getCause()) {
            StackTraceElement[] frames = one.getStackTrace();
            int end = frames.length;
            while (end > 0 && isOurs(frames[end - 1].getClassName())) {
                end--;
            }
            one.setStackTrace(Arrays.copyOf(frames, end));
        }
        return thrown;
    }

    private static boolean isOurs(String name) {
        return name.startsWith("kibitz.") || name.startsWith("jdk.internal.reflect.") || name.startsWith("java.lang.reflect.");
    }

    private static void rehearse() throws IOException, ClassNotFoundException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true);
        Map<String, Integer> lengths = new HashMap<>();
        try (Scanner in = new Scanner("alice 1\nbob 2\n")) {
            while (in.hasNext()) {
                lengths.put(in.next(), in.nextInt());
            }
        }
        List<String> names = lengths.keySet().stream().filter(name -> name.length() > 2).sorted().collect(Collectors.toList());
        nowhere.println("names: " + names + " " + lengths.size());
        nowhere.printf("%d %.2f %s%n", 1, 2.5, names);
        find(List.of("kibitz.Agent"));
        Path file = Files.createTempFile("rehearsal", "");
        Files.write(file, new byte[0]);
        Files.delete(file);
    }
}
