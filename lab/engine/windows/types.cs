// What scripts of the collector and of fixes use of .NET and of Windows' modules, for an engine on another system. Everything answers from one
// host's world, which is data (lab/engine/world).

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace StandIn
{
    // The world of the host in whose place this process runs, from JSON. A key may say what its value is: "Uptime:span".
    public static class World
    {
        public static Hashtable Host = new Hashtable();

        // Of a run that may change something: all hosts and domains, and what a runspace in the place of any of them begins with.
        public static Hashtable Forest;
        public static string Prepare;

        public static Hashtable Table(string name) { return (Hashtable)Host[name] ?? new Hashtable(); }

        // What is asked, with its world, in whose time zone this process is from now on.
        public static Hashtable Enter(string json)
        {
            using (var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 }))
            {
                Environment.SetEnvironmentVariable("TZ", document.RootElement.GetProperty("world").GetProperty("time_zone").GetString());
                TimeZoneInfo.ClearCachedData();
                var asked = Fields(document.RootElement);
                Host = (Hashtable)asked["world"];
                Forest = (Hashtable)asked["forest"];
                if (Forest != null) { Host = (Hashtable)((Hashtable)Forest["hosts"])[(string)Host["full_name"]]; }
                Environment.SetEnvironmentVariable("COMPUTERNAME", (string)Host["name"]);
                return asked;
            }
        }

        static object Value(JsonElement element, string type)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Null: return null;
                case JsonValueKind.Array: return Row(element, type);
                case JsonValueKind.Object: return type == "object" ? Instance(element) : (object)Fields(element);
                case JsonValueKind.True: return true;
                case JsonValueKind.False: return false;
                case JsonValueKind.Number: return Number(element, type);
                default: return Text(element.GetString(), type);
            }
        }

        static object Row(JsonElement element, string type)
        {
            var inner = type.EndsWith("[]") ? type.Substring(0, type.Length - 2) : "";
            var values = element.EnumerateArray().Select(each => Value(each, inner)).ToArray();
            if (inner == "" || inner == "object" || values.Length == 0) { return values; }
            var typed = Array.CreateInstance(values[0].GetType(), values.Length);
            Array.Copy(values, typed, values.Length);
            return typed;
        }

        static Hashtable Fields(JsonElement element)
        {
            var found = new Hashtable(StringComparer.OrdinalIgnoreCase);
            foreach (var field in element.EnumerateObject()) { found[Name(field.Name)] = Value(field.Value, Type(field.Name)); }
            return found;
        }

        static PSObject Instance(JsonElement element)
        {
            var found = new PSObject();
            foreach (var field in element.EnumerateObject())
            {
                found.Properties.Add(new PSNoteProperty(Name(field.Name), Value(field.Value, Type(field.Name))));
            }
            return found;
        }

        // Only a known type follows the last colon: keys are also classes, addresses with ports, and paths.
        static string Type(string key)
        {
            var end = key.Substring(key.LastIndexOf(':') + 1);
            return key.Contains(':') && Types.Contains(end.EndsWith("[]") ? end.Substring(0, end.Length - 2) : end) ? end : "";
        }

        static string Name(string key) { return Type(key) == "" ? key : key.Substring(0, key.LastIndexOf(':')); }

        static readonly HashSet<string> Types = new HashSet<string> {
            "object", "string", "time", "span", "guid", "version", "uint8", "uint16", "uint32", "uint64", "int16", "int32", "int64",
            "VMState", "VMOperationalStatus", "MigrationAuthenticationType", "MigrationPerformance", "VMSwitchType",
            "DvdMediaType", "VMReplicationMode", "VMReplicationState", "VhdType",
        };

        static object Number(JsonElement element, string type)
        {
            switch (type)
            {
                case "uint8": return element.GetByte();
                case "uint16": return element.GetUInt16();
                case "uint32": return element.GetUInt32();
                case "uint64": return element.GetUInt64();
                case "int16": return element.GetInt16();
                case "int64": return element.GetInt64();
                case "span": return TimeSpan.FromSeconds(element.GetDouble());
                case "VMState": return (Microsoft.HyperV.PowerShell.VMState)element.GetInt32();
                case "VMOperationalStatus": return (Microsoft.HyperV.PowerShell.VMOperationalStatus)element.GetInt32();
                case "MigrationAuthenticationType": return (Microsoft.HyperV.PowerShell.MigrationAuthenticationType)element.GetInt32();
                case "MigrationPerformance": return (Microsoft.HyperV.PowerShell.VMMigrationPerformance)element.GetInt32();
                case "VMSwitchType": return (Microsoft.HyperV.PowerShell.VMSwitchType)element.GetInt32();
                case "DvdMediaType": return (Microsoft.HyperV.PowerShell.DvdMediaType)element.GetInt32();
                case "VhdType": return (Microsoft.Vhd.PowerShell.VhdType)element.GetInt32();
                case "VMReplicationMode": return (Microsoft.HyperV.PowerShell.VMReplicationMode)element.GetInt32();
                case "VMReplicationState": return (Microsoft.HyperV.PowerShell.VMReplicationState)element.GetInt32();
            }
            int whole;
            return element.TryGetInt32(out whole) ? whole : element.TryGetInt64(out var longer) ? longer : (object)element.GetDouble();
        }

        static object Text(string text, string type)
        {
            switch (type)
            {
                case "time": return DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).ToLocalTime();
                case "guid": return Guid.Parse(text);
                case "version": return Version.Parse(text);
                default: return text;
            }
        }
    }

    // The error of something that fails in this world: type, number, id and category are those that Windows writes. What hangs says so, and
    // waits for whoever ends the run.
    public static class Failing
    {
        public static readonly ManualResetEvent Hangs = new ManualResetEvent(false), Ended = new ManualResetEvent(false);

        public static void Check(string what)
        {
            var record = Of(what);
            if (record != null) { throw record.Exception; }
        }

        public static ErrorRecord Of(string what)
        {
            var said = (Hashtable)World.Table("fails")[what];
            if (said == null) { return null; }
            if (said.ContainsKey("hangs"))
            {
                Hangs.Set();
                Ended.WaitOne();
                return null;
            }
            return Record(said);
        }

        public static ErrorRecord Record(Hashtable said)
        {
            var exception = Exception((string)said["type"], (string)said["text"], Convert.ToInt32((string)said["hresult"], 16), said["native"]);
            ErrorCategory category;
            Enum.TryParse((string)said["category"], out category);
            return new ErrorRecord(exception, (string)said["id"], category, null);
        }

        static Exception Exception(string type, string text, int number, object native)
        {
            if (native != null) { return new System.ComponentModel.Win32Exception((int)native, text); }
            var its = AppDomain.CurrentDomain.GetAssemblies().Select(each => each.GetType(type)).FirstOrDefault(each => each != null);
            var made = (Exception)Activator.CreateInstance(its ?? typeof(Exception), text);
            made.HResult = number;
            return made;
        }
    }

    // Members of a local group, through the provider WinNT. As on Windows, nothing is asked before Invoke.
    public class DirectoryEntry
    {
        public readonly PropertyValue objectSid;
        readonly string group;

        public DirectoryEntry(string path)
        {
            group = path.Substring(path.LastIndexOf('/') + 1).Replace(",group", "");
        }

        public DirectoryEntry(Member member) { objectSid = new PropertyValue { Value = Sid.Bytes(member.Sid) }; }

        // Members are named as "WinNT://SID" when they are added or removed.
        public object Invoke(string method, string path)
        {
            var members = (object[])World.Table("groups")[group];
            var sid = path.Substring(path.LastIndexOf('/') + 1);
            var held = members.Contains(sid);
            if (method == "Add" && held) { throw new System.Runtime.InteropServices.COMException("The specified account name is already a member of the group.", unchecked((int)0x80070562)); }
            if (method == "Remove" && !held) { throw new System.Runtime.InteropServices.COMException("The specified account name is not a member of the group.", unchecked((int)0x80070561)); }
            World.Table("groups")[group] = method == "Add" ? members.Append(sid).ToArray() : members.Where(each => (string)each != sid).ToArray();
            return null;
        }

        public object Invoke(string method)
        {
            Failing.Check("System.DirectoryServices.DirectoryEntry");
            if (!World.Table("groups").ContainsKey(group)) { throw new System.Runtime.InteropServices.COMException("The group does not exist.", unchecked((int)0x800708AC)); }
            return ((object[])World.Table("groups")[group]).Select(sid => (object)new Member { Sid = (string)sid }).ToArray();
        }
    }

    public class Member { public string Sid; }

    public class PropertyValue { public object Value; }

    public static class Sid
    {
        public static byte[] Bytes(string text)
        {
            var parts = text.Split('-').Skip(2).Select(ulong.Parse).ToArray();
            var bytes = new List<byte> { 1, (byte)(parts.Length - 1) };
            bytes.AddRange(BitConverter.GetBytes(parts[0]).Take(6).Reverse());
            foreach (var part in parts.Skip(1)) { bytes.AddRange(BitConverter.GetBytes((uint)part)); }
            return bytes.ToArray();
        }

        public static string Text(byte[] bytes, int start)
        {
            var authority = bytes.Skip(start + 2).Take(6).Aggregate(0UL, (sum, each) => sum << 8 | each);
            var parts = Enumerable.Range(0, bytes[start + 1]).Select(place => BitConverter.ToUInt32(bytes, start + 8 + 4 * place));
            return string.Join("-", new object[] { "S", bytes[start], authority }.Concat(parts.Cast<object>()));
        }
    }

    public class IdentityNotMapped : Exception { public IdentityNotMapped(string text) : base(text) { } }

    // Names and SIDs of accounts, as this host resolves them.
    public class SecurityIdentifier
    {
        public string Value { get; }
        public SecurityIdentifier(string sid) { Sid.Bytes(sid); Value = sid.ToUpperInvariant(); }
        public SecurityIdentifier(byte[] bytes, int start) { Value = Sid.Text(bytes, start); }
        public NTAccount Translate(Type type)
        {
            var name = (string)World.Table("accounts")[Value];
            if (name == null) { throw new IdentityNotMapped("Some or all identity references could not be translated."); }
            return new NTAccount(name);
        }
        public override string ToString() { return Value; }
    }

    // Whose session this is.
    public class WindowsIdentity
    {
        public SecurityIdentifier[] Groups { get; private set; }
        public static WindowsIdentity GetCurrent()
        {
            Failing.Check("System.Security.Principal.WindowsIdentity");
            var groups = (object[])World.Table("token")["groups"] ?? new object[0];
            return new WindowsIdentity { Groups = groups.Select(sid => new SecurityIdentifier((string)sid)).ToArray() };
        }
    }

    public class NTAccount
    {
        public string Value { get; }
        public NTAccount(string name) { Value = name; }
        public SecurityIdentifier Translate(Type type)
        {
            foreach (DictionaryEntry each in World.Table("accounts"))
            {
                if (string.Equals((string)each.Value, Value, StringComparison.OrdinalIgnoreCase)) { return new SecurityIdentifier((string)each.Key); }
            }
            throw new IdentityNotMapped("Some or all identity references could not be translated.");
        }
        public override string ToString() { return Value; }
    }

    // The registry of this host: keys without the hive's name in front.
    public static class Registry
    {
        public static readonly RegistryKey LocalMachine = new RegistryKey("");
        public static object GetValue(string key, string name, object otherwise)
        {
            Failing.Check("Microsoft.Win32.Registry");
            var found = (Hashtable)World.Table("registry")[key.Substring(key.IndexOf('\\') + 1)];
            return found == null ? null : found[name] ?? otherwise;
        }
    }

    public class RegistryKey
    {
        readonly string path;
        public RegistryKey(string path) { this.path = path; }
        Hashtable Values { get { return (Hashtable)World.Table("registry")[path]; } }
        public RegistryKey OpenSubKey(string below)
        {
            var found = new RegistryKey((path + "\\" + below).TrimStart('\\'));
            Failing.Check("Microsoft.Win32.RegistryKey");
            return found.Values == null ? null : found;
        }
        public string[] GetValueNames() { return Values.Keys.Cast<string>().OrderBy(each => each, StringComparer.Ordinal).ToArray(); }
        public string[] GetSubKeyNames()
        {
            var start = path + "\\";
            var below = World.Table("registry").Keys.Cast<string>().Where(each => each.StartsWith(start, StringComparison.OrdinalIgnoreCase));
            return below.Select(each => each.Substring(start.Length)).Where(each => !each.Contains('\\')).OrderBy(each => each, StringComparer.Ordinal).ToArray();
        }
        public object GetValue(string name) { return Values[name]; }
        public void Close() { }
    }

    // What lies on the drives of this host.
    public static class File
    {
        public static System.IO.FileAttributes GetAttributes(string path)
        {
            Failing.Check("System.IO.File");
            var found = World.Table("files")[path];
            var code = found == null ? unchecked((int)0x80070002) : (int)found;
            if (code >= 0) { return (System.IO.FileAttributes)code; }
            if (code == unchecked((int)0x80070005)) { throw new UnauthorizedAccessException("Access to the path is denied."); }
            throw new System.IO.IOException("Could not find or open it.", code);
        }
    }

    // Names and ports as this host reaches them. The numbers of socket errors are those of Windows.
    public class SocketError : System.Net.Sockets.SocketException
    {
        readonly int number;
        public SocketError(int number) : base(number) { this.number = number; }
        public override int ErrorCode { get { return number; } }
    }

    public static class Dns
    {
        public static IPAddress[] GetHostAddresses(string name) { return GetHostAddressesAsync(name).GetAwaiter().GetResult(); }
        public static Task<IPAddress[]> GetHostAddressesAsync(string name)
        {
            var found = World.Table("names")[name];
            if (found is object[]) { return Task.FromResult(((object[])found).Select(each => IPAddress.Parse((string)each)).ToArray()); }
            return Task.FromException<IPAddress[]>(new SocketError(found == null ? 11001 : (int)found));
        }
    }

    public class TcpClient
    {
        public TcpClient(System.Net.Sockets.AddressFamily family) { Failing.Check("System.Net.Sockets.TcpClient"); }
        public Task ConnectAsync(IPAddress address, int port)
        {
            var found = World.Table("ports")[address + " " + port];
            var code = found == null ? 10060 : (int)found;
            if (code == 0) { return Task.CompletedTask; }
            return code == 10060 ? new TaskCompletionSource<int>().Task : Task.FromException(new SocketError(code));
        }
        public void Close() { }
    }
}

namespace Microsoft.Management.Infrastructure
{
    public class CimException : Exception { public CimException(string text) : base(text) { } }
}

namespace Microsoft.Vhd.PowerShell
{
    public enum VhdType { Unknown = 0, Fixed = 2, Dynamic = 3, Differencing = 4 }
}

namespace Microsoft.HyperV.PowerShell
{
    public class VirtualizationException : Exception { public VirtualizationException(string text) : base(text) { } }

    public enum VMState { Other = 1, Running = 2, Off = 3, Stopping = 4, Saved = 6, Paused = 9, Starting = 10, Saving = 32773, Pausing = 32776, Resuming = 32777 }
    public enum VMOperationalStatus { Ok = 2, Degraded = 3, PredictiveFailure = 5, InService = 11, Dormant = 15, CreatingSnapshot = 32768, MergingDisks = 32772, MigratingVirtualMachine = 32774, BackingUpVirtualMachine = 32776 }
    public enum MigrationAuthenticationType { CredSSP = 0, Kerberos = 1 }
    public enum VMMigrationPerformance { TCPIP = 0, Compression = 1, SMB = 2 }
    public enum VMSwitchType { Private = 0, Internal = 1, External = 2 }
    public enum DvdMediaType { None = 0, ISO = 1, PassThrough = 2 }
    public enum VMReplicationMode { None = 0, Primary = 1, Replica = 2, TestReplica = 3, ExtendedReplica = 4 }
    public enum VMReplicationState { Disabled = 0, ReadyForInitialReplication = 1, InitialReplicationInProgress = 2, Replicating = 4, Suspended = 8, Error = 9 }
}
