/**
 * Classes that do something when they are made or when their properties are set, by their full names: what a value in
 * the place of a type names. Families rather than lists: `x.*` is all of a package where hardly a member is data, `x.Y*`
 * all classes that begin so. Facts of public lists of gadgets; exceptions, collections and loggers are in none.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const JAVA = words(`
  com.sun.rowset.* com.sun.org.apache.* com.sun.jndi.* com.sun.management.* com.sun.syndication.*
  com.mchange.v2.c3p0.* com.mchange.v2.resourceref.* com.mchange.v2.naming.*
  org.apache.commons.collections.functors.* org.apache.commons.collections4.functors.*
  org.apache.commons.collections.map.LazyMap org.apache.commons.collections4.map.LazyMap
  org.apache.commons.collections.map.TransformedMap org.apache.commons.collections4.map.TransformedMap
  org.apache.commons.collections.keyvalue.* org.apache.commons.collections4.keyvalue.*
  org.apache.commons.collections.comparators.* org.apache.commons.collections4.comparators.*
  org.apache.commons.beanutils.BeanComparator org.apache.commons.configuration.JNDI* org.apache.commons.configuration2.JNDI*
  org.apache.commons.dbcp.* org.apache.commons.dbcp2.* org.apache.commons.proxy.* org.apache.commons.jxpath.*
  org.apache.commons.fileupload.disk.* org.apache.tomcat.dbcp.* org.apache.xbean.naming.* org.apache.xbean.propertyeditor.*
  org.apache.ibatis.datasource.jndi.* org.apache.ibatis.parsing.* org.apache.shiro.jndi.* org.apache.shiro.realm.jndi.*
  org.apache.xalan.* org.apache.aries.transaction.* org.apache.cocoon.components.* org.apache.hadoop.shaded.*
  org.apache.activemq.jms.pool.* org.apache.activemq.pool.* org.apache.activemq.spring.* org.apache.axis2.jaxws.*
  org.apache.axis2.transport.* org.apache.openjpa.ee.* org.apache.myfaces.context.* org.apache.myfaces.view.*
  org.apache.bcel.* org.apache.velocity.runtime.* org.apache.batik.*
  org.springframework.beans.factory.config.PropertyPathFactoryBean org.springframework.beans.factory.config.MethodInvoking*
  org.springframework.beans.factory.ObjectFactory org.springframework.aop.support.DefaultBeanFactory*
  org.springframework.aop.config.* org.springframework.context.support.ClassPathXmlApplicationContext
  org.springframework.context.support.FileSystemXmlApplicationContext org.springframework.context.support.Generic*
  org.springframework.jndi.support.* org.springframework.transaction.jta.JtaTransactionManager
  org.springframework.core.SerializableTypeWrapper* org.hibernate.jmx.StatisticsService
  org.codehaus.groovy.runtime.* org.codehaus.groovy.control.* org.python.core.* org.python.util.* org.mozilla.javascript.*
  org.jboss.interceptor.* org.jboss.weld.* org.jboss.util.propertyeditor.* org.h2.jdbcx.* org.h2.store.*
  org.jdom.transform.XSLTransformer org.jdom2.transform.XSLTransformer org.quartz.utils.JNDI* org.docx4j.org.apache.*
  java.lang.ProcessBuilder java.lang.Runtime java.lang.AutoCloseable java.lang.UNIXProcess java.lang.ProcessImpl
  java.beans.EventHandler java.beans.XMLDecoder java.beans.Expression java.beans.Statement java.rmi.*
  java.net.URLClassLoader java.net.InetAddress java.net.Inet4Address java.net.Inet6Address java.net.InetSocketAddress
  javax.script.ScriptEngineManager javax.naming.* javax.management.BadAttributeValueExpException javax.management.remote.*
  javax.management.loading.* javax.swing.JEditorPane javax.swing.UIDefaults* javax.swing.event.EventListenerList
  javax.imageio.ImageIO* javax.imageio.spi.* javax.media.jai.* javax.el.ELProcessor
  sun.rmi.* sun.print.* sun.misc.* sun.reflect.* sun.swing.* sun.security.* jdk.nashorn.*
  groovy.lang.GroovyClassLoader groovy.lang.GroovyShell groovy.util.Expando groovy.lang.MethodClosure groovy.lang.Closure
  bsh.* ognl.* ch.qos.logback.core.db.* oracle.jdbc.rowset.* oracle.jdbc.connector.* oracle.jms.AQj*
  net.sf.ehcache.transaction.* net.sf.ehcache.hibernate.* com.ibatis.sqlmap.engine.transaction.jta.* com.caucho.*
  com.rometools.rome.feed.impl.* com.vaadin.data.util.* com.alibaba.citrus.* com.alibaba.druid.pool.xa.*
  br.com.anteros.* com.pastdev.httpcomponents.* javassist.* weblogic.* flex.messaging.util.concurrent.*
  clojure.core* clojure.lang.* clojure.inspector*`);

const NET = words(`
  System.Windows.Data.ObjectDataProvider System.Windows.ResourceDictionary System.Windows.Markup.XamlReader
  System.Windows.Forms.BindingSource System.Windows.Forms.AxHost* System.Windows.Forms.ImageList*
  System.Diagnostics.Process System.Diagnostics.ProcessStartInfo System.Configuration.Install.AssemblyInstaller
  System.Configuration.SettingsPropertyValue System.Activities.Presentation.*
  System.Security.Principal.WindowsIdentity System.Security.Principal.WindowsPrincipal
  System.Security.Principal.GenericPrincipal System.Security.Claims.ClaimsIdentity System.Security.Claims.ClaimsPrincipal
  System.IdentityModel.Tokens.SessionSecurityToken System.Web.Security.RolePrincipal System.Web.UI.ObjectStateFormatter
  System.Web.UI.LosFormatter System.Management.Automation.* System.Resources.ResourceSet System.Resources.ResXResourceSet
  System.Data.DataSet System.Data.Services.Internal.ExpandedWrapper* System.CodeDom.Compiler.TempFileCollection
  System.IO.FileInfo System.IO.DirectoryInfo System.IO.FileSystemWatcher System.IO.StreamWriter System.IO.FileStream
  System.Drawing.Design.ToolboxItemContainer* System.Runtime.Serialization.Formatters.* System.Runtime.Remoting.*
  System.Workflow.ComponentModel.* System.Collections.Generic.SortedSet* System.Collections.Hashtable
  System.Reflection.Assembly System.Xml.XmlDataDocument System.DelegateSerializationHolder* System.Media.SoundPlayer
  Microsoft.VisualStudio.Text.Formatting.TextFormattingRunProperties Microsoft.IdentityModel.Claims.WindowsClaimsIdentity
  Microsoft.Exchange.Management.* Microsoft.PowerShell.*`);

/** In the place of a type, and nowhere else, these are no data either. */
const IN_PAIR = words(
  `java.net.URL java.net.URI java.lang.Class java.lang.Exception java.lang.Throwable
   java.io.File java.io.FileInputStream java.io.FileOutputStream`,
);

/** Full names; and beginnings, by their first part, which is looked up. */
class Families {
  readonly #exact = new Set<string>();
  readonly #beginnings = new Map<string, string[]>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      if (!name.endsWith('*')) this.#exact.add(name);
      else {
        const first = name.slice(0, name.indexOf('.'));
        const known = this.#beginnings.get(first);
        if (known === undefined) this.#beginnings.set(first, [name.slice(0, -1)]);
        else known.push(name.slice(0, -1));
      }
    }
  }

  has(name: string): boolean {
    if (this.#exact.has(name)) return true;
    const beginnings = this.#beginnings.get(name.slice(0, name.indexOf('.')));
    return beginnings?.some((each) => name.length > each.length && name.startsWith(each)) ?? false;
  }
}

const java = new Families(JAVA);
const net = new Families(NET);
const pair = new Families(IN_PAIR);

/** Characters of the name of a type, its parameters and its assembly included. */
const MAX_TYPE = 1024;
/** A class of Java as the virtual machine writes it: `[Lcom.example.X;` */
const JAVA_TYPE = /^\[{0,8}L{0,8}([a-z][\w$]{0,60}(?:\.[\w$]{1,100}){1,10});{0,8}$/;
/** A class of .NET, with its parameters and its assembly. */
const NET_TYPE = /^((?:System|Microsoft)(?:\.\w{1,60}){1,8}(?:\+\w{1,60})?)(?:`\d)?(?:\[\[?|,\s{0,4}[\w.]|$)/;

const javaName = (text: string): string | undefined => JAVA_TYPE.exec(text)?.[1];

/** A text that, in the place of a type, names one that does harm. */
export function isGadget(text: string): boolean {
  if (text.length > MAX_TYPE) return false;
  const name = javaName(text);
  if (name !== undefined) return java.has(name);
  const type = NET_TYPE.exec(text)?.[1];
  return type !== undefined && net.has(type);
}

/** Members that give the type of what they stand in, with the type: in JSON that came as a text, valid or not. */
export const TYPE_PAIR =
  /(?:[@$]type|@class|__type|@c|javaClass)["'\\]{1,4}\s{0,8}:\s{0,8}\\{0,3}["']([^"'\\]{3,300})/g;

/** The type that such a member gives does harm. */
export const isGadgetOfPair = (type: string): boolean => isGadget(type) || pair.has(javaName(type) ?? '');
