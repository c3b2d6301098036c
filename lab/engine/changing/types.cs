// The types of Windows' modules that the cmdlets take and give: each is made from a name, as Windows makes it from a text.

using System;
using System.Collections;

namespace Microsoft.ActiveDirectory.Management
{
    public class ADObject
    {
        readonly string identity;
        public ADObject() { }
        public ADObject(string identity) { this.identity = identity; }
        public string DistinguishedName { get; set; }
        public string Name { get; set; }
        public string ObjectClass { get; set; }
        public override string ToString() { return DistinguishedName ?? identity; }
    }

    public class ADPrincipal : ADObject
    {
        public ADPrincipal() { }
        public ADPrincipal(string identity) : base(identity) { }
        public string SamAccountName { get; set; }
        public StandIn.SecurityIdentifier SID { get; set; }
    }

    public class ADGroup : ADPrincipal { public ADGroup() { } public ADGroup(string identity) : base(identity) { } }

    public class ADAccount : ADPrincipal
    {
        public ADAccount() { }
        public ADAccount(string identity) : base(identity) { }
        public bool Enabled { get { return true; } }
    }

    public class ADComputer : ADAccount { public ADComputer() { } public ADComputer(string identity) : base(identity) { } }
    public class ADUser : ADAccount { public ADUser() { } public ADUser(string identity) : base(identity) { } }

    public class ADDomainController
    {
        readonly string identity;
        public ADDomainController(string identity) { this.identity = identity; }
        public override string ToString() { return identity; }
    }

    public enum ADDiscoverableService { PrimaryDC = 1, GlobalCatalog = 2, KDC = 3, TimeService = 4, ReliableTimeService = 5, ADWS = 6 }
}

namespace Microsoft.HyperV.PowerShell
{
    public class VirtualMachine
    {
        public string Name { get; set; }
        public Guid Id { get; set; }
        public VMState State { get; set; }
        public VMOperationalStatus[] OperationalStatus { get; set; }
        public string Version { get; set; }
        public string ComputerName { get; set; }
        public Hashtable Kept { get; set; } // the forest's own
    }
}

namespace Microsoft.PowerShell.Commands
{
    public class LocalPrincipal
    {
        public string Name { get; private set; }
        public LocalPrincipal(string name) { Name = name; }
        public override string ToString() { return Name; }
    }
}

namespace Microsoft.Windows.ServerManager.Commands
{
    public class Feature
    {
        public string Name { get; private set; }
        public bool Installed { get; set; }
        public Feature(string name) { Name = name; }
        public override string ToString() { return Name; }
    }
}

namespace StandIn
{
    // An engine on another system has the real type, and cannot make one.
    public class CimSession
    {
        public string ComputerName { get; private set; }
        public CimSession(string computer) { ComputerName = computer; }
    }
}
