import { anyOf } from '../shared/any-of.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Functions that run commands or code, or read files, in the languages engines are written in; in lower case. */
export const CODE_FUNCTIONS = words(`
  system exec execute passthru shell_exec popen proc_open pcntl_exec phpinfo eval assert execfile execsync spawnsync
  execfilesync call_user_func call_user_func_array create_function file_get_contents file_put_contents readfile
  highlight_file show_source file_excerpt check_output import_module __import__ getruntime forname newinstance loadclass
  defineclass getdeclaredmethod getdeclaredmethods getdeclaredconstructor getdeclaredconstructors getdeclaredfield
  getmethod getmethods getconstructor getprotectiondomain evaluate processbuilder scriptenginemanager
  getenginebyname urlclassloader  groovyshell groovyclassloader initialcontext classloader getclassloader
  setaccessible registerundefinedfiltercallback
  registerundefinedfunctioncallback getstreamvariable writefile template_from_string subclasses mro createinstance
  unserialize parse_str scandir sleep`);

/** Of those, what honest code calls with names too: `re.exec(x)`, `$pdo->exec($sql)`. A literal makes them harmful. */
export const COMMON_FUNCTIONS = words(
  'exec execute evaluate eval assert sleep getmethod getmethods getconstructor classloader mro',
);

/** What is a function of PHP by its name in a string: `['id']|map('system')`. */
export const CALLBACKS = words(`
  system exec passthru shell_exec popen phpinfo eval assert file_get_contents file_put_contents readfile call_user_func
  unserialize highlight_file show_source proc_open pcntl_exec file_excerpt ini_set call_user_func_array array_map`);

/** Filters and functions that call what they are given. */
export const CALLING = words(
  'map filter sort reduce usort uasort array_map array_filter each find call getfilter getfunction',
);

/** Members that lead from any object to the internals of the language. */
export const INTERNALS = words(`
  __class__ __mro__ __base__ __bases__ __subclasses__ __init__ __globals__ __builtins__ __import__ __getitem__
  __getattribute__ __getattr__ __code__ __closure__ __reduce__ __reduce_ex__ __self__ __func__ __wrapped__ __call__
  __loader__ __spec__ __construct __destruct __proto__ __definegetter__ __definesetter__ __lookupgetter__
  func_globals f_globals f_builtins
  gi_frame gi_code cr_frame tb_frame f_back _templatereference__context _mmarker _nsattr__parent _with_template
  registerundefinedfiltercallback classloader protectiondomain getclassloader mainmodule __invokestatic`);

/** Members of a Python object that honest code shows. */
export const SHOWN = words('__name__ __qualname__ __module__ __doc__');
/** Members of a class that honest code shows: `x.getClass().getSimpleName()`, `x.class.name`. */
export const SHOWN_OF_CLASS = words(`
  getname getsimplename simplename name to_s canonicalname getcanonicalname typename gettypename humanize underscore
  demodulize table_name model_name tostring`);
/** What reaches on from the class of an object. */
export const REACHED_OF_CLASS = words(`
  forname getclassloader classloader protectiondomain getprotectiondomain mro base bases subclasses getresource
  getresourceasstream module getmethod getmethods getdeclaredmethods getdeclaredmethod newinstance getconstructor inspect
  superclass getsuperclass methods declaredmethods getpackage instance_methods class_eval constantize`);

/** Objects that frameworks put into every template, shown as a whole only by who looks around. */
export const ROOTS = words(`
  config self request settings _self _context lipsum cycler joiner namespace url_for get_flashed_messages app handler
  environ env _template springmacrorequestcontext applicationscope sessionscope requestscope pagecontext facescontext
  initparam globals locals g debug dump var_dump`);

/** Members of a configuration that show or change all of it. */
export const OF_CONFIG = words(`
  items iteritems iterkeys itervalues values keys from_object from_pyfile from_envvar from_mapping update root_path
  secret_key runtime pop popitem setdefault __class__`);

/** Modules of Python and what of them reaches the system. */
export const OS_MEMBERS = words(`
  system popen popen2 popen3 popen4 execv execl execve spawnl spawnlp spawnv listdir environ getenv read open remove unlink
  getcwd getlogin putenv startfile walk scandir rename kill fork _exit getuid`);
/** Modules that nobody imports to show something. */
export const MODULES = words(
  'os sys subprocess pty socket commands shutil importlib builtins platform ctypes pickle code',
);
export const NODE_MODULES = words('child_process fs os net vm module http https dns cluster worker_threads repl');

/** Members of Ruby's classes that read files or run commands. */
export const RUBY: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['file', words('open read readlines write binread foreach new delete unlink')],
  ['io', words('popen read readlines binread foreach sysopen write')],
  ['dir', words('entries glob children foreach')],
  ['kernel', words('exec system open spawn eval fork load require')],
  ['open4', words('popen4')],
  ['diagnostics', words('process')],
  ['process', words('spawn exec kill fork binding mainmodule start')],
  ['open3', words('capture2 capture2e capture3 popen3 popen2')],
  ['pty', words('spawn')],
  ['activator', words('createinstance')],
  ['assembly', words('load loadfrom loadfile getexecutingassembly')],
  ['subprocess', words('popen run call check_output check_call getoutput getstatusoutput')],
]);

/** Packages of Java whose classes no template names, by their first parts. */
export const JAVA_PACKAGE = anyOf(
  'i',
  /^java\.(?:lang|io|net|nio|rmi|sql|beans|util\.(?:Scanner|concurrent|jar|zip|logging|prefs))/,
  /^javax\.(?:script|naming|el|management|swing)/,
  /^(?:com\.sun|sun|jdk|groovy|ognl|bsh|jakarta|com\.opensymphony|com\.hubspot)\./,
  /^freemarker\.(?:template|ext|core)/,
  /^org\.(?:springframework|apache|codehaus|mozilla|python|jboss|thymeleaf|mvel2?|hibernate)\./,
);
/** Classes of `java.lang` with which nothing is reached. */
export const JAVA_SHOWN = anyOf(
  '',
  /^java\.lang\.(?:Math|String|Integer|Long|Double|Boolean|Number|\w{0,60}(?:Exception|Error))(?:\.|$)/,
  /^java\.(?:time|text)\.\w{1,60}(?:\.|$)/,
);
/** The same in a string, as a whole. */
export const CLASS_NAME = /^[a-z]\w{0,30}(?:\.\w{1,60}){1,8}$/i;
/** Code in a string that something is made of. */
export const CODE_TEXT = anyOf(
  '',
  /require\s{0,4}\(\s{0,4}\\?['"](?:node:)?child_process/,
  /java\.lang\.(?:Runtime|ProcessBuilder)|freemarker\.template\.utility|\.getRuntime\(|new java\./,
  /__(?:globals|builtins|subclasses|import)__|os\.(?:system|popen)\s{0,4}\(/,
  /process\.mainModule|global\.process/,
);
