// Everybody and everything in here is made up. The passwords stand in README.md.
import { createHash } from 'node:crypto';
import type { Disk } from './disk.ts';

interface Target {
  insert(table: string, record: Record<string, unknown>): number;
}

const ARGON2ID = '$argon2id$v=19$m=19456,t=2,p=1$';

// username, Argon2id salt and digest
// biome-ignore format: a table is read by rows
const PATIENT_USERS = [
  ['amina.okoro', 'yB5njPzpVq3BVNhPGpAllw$4FbkyqQLmW9eCCrM+xJExmp36uFWGa+sFs6DeA2SHCA'],
  ['jonas.brandt', 'QJgkfuUZOwXdxduUkxMnYw$T2S9ezjosxqXe2SlCp/TqJVHzHWWvb/QZ7dN7KX0OiA'],
  ['lucia.ferreira', 'GvHXaLLF1Jd4QXSV535b3A$lVnGhmS39Y67pQFQf5tbJ4uq8mAHaC28Bijux6Z1dmw'],
  ['henrik.dahl', 'DOtTJnDvAJ9TH9Kf3t1zIA$J3VDJu/TJCjB3f+5JatJEHpCn6VG48W/6z7s/KdSlls'],
  ['mei.tanaka', 'BRLsRv983gCOosa1X09H/A$wKeuFDJfe8llLQvycYgy7YSEf4CkxEMqUfpYEZz2TKQ'],
  ['omar.haddad', 'm7H7FCuZFfp2XKFFYShtIw$lNy0jLSw2XcR2gjkIzlRcIJoZV1wtjNQnVfSlwBgazU'],
  ['clara.novak', '+/8sfE0eknLdoo6zjXqH6A$otHo9KbQDWIRWTCNpf4twQSG1RMqm0F+rAzCzILe1eM'],
  ['samuel.boateng', 'Ib71x40pUvmPb4dbEXu8Vg$mf1h35nNoT/D9froQofFBf53LgfV5ukFXXyYdijD1+U'],
  ['priya.raman', 'Po2EJVe0tzI3eY6GkhFxPw$kvLcTHtLqcmoH6gI18Hi4C6eG75pPmdXZDbgVlHAbPI'],
  ['diego.salinas', 'ICvRaZiXO1OAYA3zd3os9g$/DDbBtfWbYRTWaDfp++F/nPXlfyNaS01rnK6oIyqQRw'],
  ['ingrid.solberg', '1Ba8f97HVFcb6poWs+4QAw$c+kNwrCeJioZXvbfeSL1qTtdC2Lt8RzSLOcpy6kQBOc'],
  ['yusuf.demir', '2d+X8hsR6lpy0WhN+A9UsQ$phsAIRKDTRTZtquPFfG/R282PstFGTkkhisigUWQfzo'],
] as const;

// name, born, sex, phone, address, blood, allergies, insurer, insurance number, national id, internal notes, balance
// biome-ignore format: a table is read by rows
const PATIENTS = [
  ['Amina Okoro', '1987-03-14', 'female', '+1 555 0101', '12 Harbour Lane, Fernwick', 'O+', ['penicillin'], 'Northfield Mutual', 'NM20418837', '900-11-4021', 'Asked twice about a second opinion; do not mention to front desk.', 0],
  ['Jonas Brandt', '1974-11-02', 'male', '+1 555 0102', '3 Mill Row, Fernwick', 'A-', [], 'Northfield Mutual', 'NM20418902', '900-12-7730', 'Marker results borderline, oncology referral pending. Patient not informed yet.', 12500],
  ['Lucia Ferreira', '1995-06-27', 'female', '+1 555 0103', '88 Station Road, Easter Vale', 'B+', ['latex', 'ibuprofen'], 'Calder Health', 'CH77120045', '900-13-1188', 'Pays late. Prefers afternoon slots.', 4300],
  ['Henrik Dahl', '1951-01-19', 'male', '+1 555 0104', 'Old Rectory, Easter Vale', 'AB+', ['aspirin'], 'Calder Health', 'CH77120178', '900-14-5562', 'Daughter asked for news; no release on file.', 0],
  ['Mei Tanaka', '2001-09-08', 'female', '+1 555 0105', '41 Canal Street, Fernwick', 'A+', [], 'Student Care', 'SC10093344', '900-15-9027', 'Counselling notes kept on paper.', 0],
  ['Omar Haddad', '1968-12-30', 'male', '+1 555 0106', '7 Orchard Close, Brill', 'O-', ['sulfa drugs'], 'Northfield Mutual', 'NM20419377', '900-16-3310', 'Chain of missed follow-ups, discuss compliance.', 21900],
  ['Clara Novak', '1990-04-05', 'female', '+1 555 0107', '19 Weaver Street, Fernwick', 'B-', ['peanuts'], 'Calder Health', 'CH77121004', '900-17-6654', 'Pregnant, second trimester; employer must not learn.', 0],
  ['Samuel Boateng', '1983-07-22', 'male', '+1 555 0108', '2 Lock Cottages, Brill', 'O+', [], 'Calder Health', 'CH77121230', '900-18-2093', 'Disputed the last invoice, manager informed.', 7600],
  ['Priya Raman', '1979-10-11', 'female', '+1 555 0109', '56 Hill View, Easter Vale', 'A+', ['bee venom'], 'Northfield Mutual', 'NM20420015', '900-19-8841', 'Works for a local newspaper.', 0],
  ['Diego Salinas', '2010-02-17', 'male', '+1 555 0110', '23 Quarry Bank, Brill', 'unknown', ['gluten'], 'Student Care', 'SC10093871', '900-20-4417', 'Minor. Custody dispute, release to mother only.', 0],
  ['Ingrid Solberg', '1946-08-03', 'female', '+1 555 0111', 'Lighthouse House, Fernwick', 'AB-', ['morphine'], 'Calder Health', 'CH77121888', '900-21-7205', 'Early memory loss, assessment in spring.', 1800],
  ['Yusuf Demir', '1999-05-29', 'male', '+1 555 0112', '9 Tannery Court, Easter Vale', 'B+', [], 'Northfield Mutual', 'NM20420461', '900-22-5936', 'Asked for records to be sent to a lawyer.', 0],
] as const;

// biome-ignore format: a table is read by rows
const STAFF_USERS = [
  ['vera.lindqvist', '+dEdouEcIL3aCwcfDrSmFw$DxG4p93k0kXhXsb2l8pDA/vz/g/Th5+qkb+4cHgcINw'],
  ['tomas.keller', 'oLIsGadKmDdzqjJDnXuSzQ$YnRMx4mpZsAeTm+HawcCIq58sRvih6G8/VtMlFFe2k8'],
  ['ruth.adeyemi', 'B0/MvpckuNRscbG5JxXGQw$WRELfMjka8Gg7zkK1PmUuKxB1ujWN5XvFbGw7RYeqlY'],
  ['nils.hofmann', 'nZBYNT80Ln+gXo27Tdh04w$ECkwz0pqRc5sJzsq1HsFDM9CK9DXe17yDzNUkhsnG1k'],
  ['sofia.marin', 'VV7+AdqxyB/n6nutSFYFtA$ouSP77t0VOMn/4LRGFdjn2HJsal6LRlUo02E2Yo//iA'],
  ['grace.otieno', 'mHpKYkv55FF4YrAaFRqUEw$DWpyNTWjjiW+hl0BLS9iZNrjg0hwd65mEu3ePsHrjpE'],
  ['paul.weiss', 'W2lofD9gQ5M/XSr0ZWkgNw$o2AuVY1HnmWrsoVn6i9ipa5mt+wod3atXW2BNy8uN4w'],
  ['hana.kovac', 'ohvPp+JQ5nnWiresYlU5sA$izTxUEUZaX1neiVaIN/ufbUqGzD7U41PoBdlzbxIR6Y'],
  ['arthur.quinn', 'HjPH82q3UB9qoLoZqFhoKg$l7b0WP+IUB8Wp2ipptoBxnWAUStL+c0YAok6WuuTb3g'],
  ['selma.aydin', 'uXfldcQZg7FAu84mKLJntw$6OYmAGaXG5Bwv4dTKlM6lGwJvAR5uv2wmgj3tEYzIhQ'],
] as const;

// role, name, department, licence, salary, national id
// biome-ignore format: a table is read by rows
const STAFF = [
  ['doctor', 'Vera Lindqvist', 'General practice', 'MD-40417', 1180000, '901-31-2201'],
  ['doctor', 'Tomas Keller', 'Cardiology', 'MD-40988', 1320000, '901-32-9917'],
  ['doctor', 'Ruth Adeyemi', 'Paediatrics', 'MD-41203', 1240000, '901-33-4408'],
  ['nurse', 'Nils Hofmann', 'General practice', 'RN-77120', 610000, '901-34-1876'],
  ['nurse', 'Sofia Marin', 'Cardiology', 'RN-77341', 625000, '901-35-6630'],
  ['nurse', 'Grace Otieno', 'Paediatrics', 'RN-77802', 598000, '901-36-0459'],
  ['clerk', 'Paul Weiss', 'Front desk', null, 420000, '901-37-7742'],
  ['clerk', 'Hana Kovac', 'Billing', null, 455000, '901-38-3015'],
  ['admin', 'Arthur Quinn', 'Administration', null, 890000, '901-39-8128'],
  ['admin', 'Selma Aydin', 'IT', null, 760000, '901-40-5593'],
] as const;

// patient, staff, starts, minutes, reason, status, internal notes
// biome-ignore format: a table is read by rows
const APPOINTMENTS = [
  [1, 1, '2026-09-07T08:00:00Z', 20, 'Annual check-up', 'done', null],
  [2, 2, '2026-09-07T09:30:00Z', 40, 'Chest pain after exercise', 'done', 'Order markers, do not alarm.'],
  [3, 1, '2026-09-08T13:00:00Z', 20, 'Rash after new detergent', 'done', null],
  [4, 2, '2026-09-09T10:00:00Z', 30, 'Pacemaker control', 'done', null],
  [6, 1, '2026-09-10T08:20:00Z', 20, 'Blood pressure review', 'cancelled', 'Did not come, third time.'],
  [7, 1, '2026-09-14T11:00:00Z', 30, 'Prenatal visit', 'done', null],
  [10, 3, '2026-09-15T14:00:00Z', 20, 'Vaccination', 'done', 'Mother present.'],
  [2, 2, '2026-10-05T09:30:00Z', 40, 'Discussion of results', 'arrived', 'Two people in the room.'],
  [5, 1, '2026-10-06T15:00:00Z', 45, 'Sleeping badly', 'booked', null],
  [8, 4, '2026-10-07T07:40:00Z', 10, 'Blood sample', 'booked', null],
  [9, 1, '2026-10-08T10:20:00Z', 20, 'Travel advice', 'booked', null],
  [11, 2, '2026-10-12T09:00:00Z', 30, 'Dizziness', 'booked', 'Bring daughter in.'],
  [12, 5, '2026-10-13T08:00:00Z', 15, 'Change of dressing', 'booked', null],
  [3, 1, '2026-10-14T13:00:00Z', 20, 'Control of rash', 'booked', null],
  [7, 1, '2026-10-19T11:00:00Z', 30, 'Prenatal visit', 'booked', null],
] as const;

// id, patient, doctor, medicine, dose, instructions, issued, expires, repeats, status
// biome-ignore format: a table is read by rows
const PRESCRIPTIONS = [
  ['8d1f7c0e-52b4-4c6e-9a53-0b7f2f6f3a11', 1, 1, 'Amlodipine', '5 mg', 'One in the morning.', '2026-09-07', '2027-03-07', 3, 'active'],
  ['3b5e9a72-1c0d-4f8b-8e24-6d9c41a7e502', 2, 2, 'Bisoprolol', '2.5 mg', 'One in the morning with water.', '2026-09-07', '2027-03-07', 5, 'active'],
  ['c27a4d16-9f3b-47e5-b1c8-58e0d2b6f943', 2, 2, 'Atorvastatin', '20 mg', 'One in the evening.', '2026-09-07', '2027-09-07', 5, 'active'],
  ['61e8b3f5-7a29-4d14-a6f7-2c3d90b8e174', 3, 1, 'Hydrocortisone cream', '1 %', 'Thinly, twice a day, for a week.', '2026-09-08', '2026-10-08', 0, 'active'],
  ['f0946c2b-e8d7-4a35-9b12-7e6a1d5c8325', 4, 2, 'Apixaban', '5 mg', 'Twice a day. Do not stop by yourself.', '2026-09-09', '2027-03-09', 5, 'active'],
  ['2a7d5e81-4b6c-4390-8df3-91c5f7e0a266', 7, 1, 'Folic acid', '400 ug', 'One a day.', '2026-09-14', '2027-01-14', 2, 'active'],
  ['97c3f1a4-0e5b-4d68-bc29-d4a8e63b7157', 6, 1, 'Ramipril', '5 mg', 'One in the morning.', '2026-03-02', '2026-09-02', 0, 'expired'],
  ['e5b20d38-6f91-4c7a-a0e4-3f8b7c92d608', 11, 2, 'Betahistine', '16 mg', 'Three times a day.', '2026-06-22', '2026-12-22', 1, 'active'],
  ['45f8e6b9-d312-4a07-92cb-b60d1e7f4a89', 5, 1, 'Melatonin', '2 mg', 'One hour before going to bed.', '2026-08-18', '2026-11-18', 0, 'active'],
] as const;

// number, patient, text, issued, due, amount, paid, status, internal margin
// biome-ignore format: a table is read by rows
const INVOICES = [
  ['INV-2026-0001', 1, 'Annual check-up', '2026-09-07', '2026-10-07', 8500, 8500, 'paid', 3100],
  ['INV-2026-0002', 2, 'Exercise ECG and consultation', '2026-09-07', '2026-10-07', 24500, 12000, 'open', 11800],
  ['INV-2026-0003', 3, 'Consultation', '2026-09-08', '2026-10-08', 4300, 0, 'open', 1600],
  ['INV-2026-0004', 4, 'Pacemaker control', '2026-09-09', '2026-10-09', 15800, 15800, 'paid', 6900],
  ['INV-2026-0005', 6, 'Missed appointment', '2026-06-10', '2026-07-10', 2900, 0, 'overdue', 2900],
  ['INV-2026-0006', 6, 'Blood pressure monitor', '2026-07-01', '2026-08-01', 19000, 0, 'overdue', 8800],
  ['INV-2026-0007', 7, 'Prenatal visit', '2026-09-14', '2026-10-14', 9900, 9900, 'paid', 4200],
  ['INV-2026-0008', 8, 'Laboratory', '2026-09-21', '2026-10-21', 7600, 0, 'open', 4700],
  ['INV-2026-0009', 11, 'Home visit supplement', '2026-09-22', '2026-10-22', 1800, 0, 'open', 900],
  ['INV-2026-0010', 10, 'Vaccination', '2026-09-15', '2026-10-15', 5200, 5200, 'paid', 2000],
] as const;

// id, patient, name, kind, uploaded by, uploaded at, text
// biome-ignore format: a table is read by rows
const DOCUMENTS = [
  ['b7e04f6a-83c1-4d92-a5e8-16f9d0c27b31', 1, 'lab-okoro-2026-09.txt', 'lab', 'staff:4', '2026-09-08T07:15:00Z', 'Haemoglobin 13.4 g/dl, ferritin 48 ug/l, all in range.'],
  ['0c95d2e7-f4b6-4831-9d7a-e28c53a1f642', 2, 'lab-brandt-2026-09.txt', 'lab', 'staff:5', '2026-09-10T06:50:00Z', 'Troponin in range. Tumour marker borderline, repeat in four weeks.'],
  ['d3a18b5f-2e70-4c49-86f1-79b4e6d0c853', 2, 'letter-brandt-referral.txt', 'letter', 'staff:2', '2026-09-18T16:05:00Z', 'Dear colleague, thank you for seeing this 51-year-old patient.'],
  ['58f6c9e0-b1d4-4a27-93ae-0d7e84f2b564', 4, 'letter-dahl-pacemaker.txt', 'letter', 'staff:2', '2026-09-09T11:10:00Z', 'Battery 71 %, leads stable, next control in six months.'],
  ['a94e07d3-6c2f-4b85-81d0-f5b3c6e9a275', 7, 'consent-novak.txt', 'consent', 'staff:7', '2026-09-14T10:50:00Z', 'I agree to the first trimester screening.'],
  ['12d7b4e8-95fa-4c03-b6e1-8a0c3f7d5986', 11, 'lab-solberg-2026-06.txt', 'lab', 'staff:5', '2026-06-23T08:30:00Z', 'Vitamin B12 low, thyroid in range.'],
] as const;

/** Fills empty tables; the same rows every time. */
export function seed(target: Target): void {
  for (const [index, row] of PATIENTS.entries()) {
    const [name, birthDate, sex, phone, address, bloodType, allergies, insurer, ...rest] = row;
    const [insuranceNumber, nationalId, internalNotes, balanceCents] = rest;
    const [username, hash] = PATIENT_USERS[index] ?? ['', ''];
    target.insert('patients', {
      username,
      passwordHash: ARGON2ID + hash,
      name,
      birthDate,
      sex,
      email: `${username}@example.org`,
      phone,
      address,
      bloodType,
      allergies,
      insurer,
      insuranceNumber,
      nationalId,
      internalNotes,
      balanceCents,
      createdAt: `2025-0${1 + (index % 9)}-1${index % 10}T09:00:00Z`,
    });
  }
  for (const [index, [role, name, department, licenseNumber, salaryCents, nationalId]] of STAFF.entries()) {
    const [username, hash] = STAFF_USERS[index] ?? ['', ''];
    target.insert('staff', {
      username,
      passwordHash: ARGON2ID + hash,
      role,
      name,
      email: `${username}@clinic.example`,
      phone: `+1 555 01${50 + index}`,
      department,
      licenseNumber,
      salaryCents,
      nationalId,
    });
  }
  for (const [patientId, staffId, startsAt, minutes, reason, status, internalNotes] of APPOINTMENTS) {
    target.insert('appointments', { patientId, staffId, startsAt, minutes, reason, status, internalNotes });
  }
  for (const [index, row] of PRESCRIPTIONS.entries()) {
    const [id, patientId, doctorId, medicine, dose, instructions, issuedOn, expiresOn, repeats, status] = row;
    const facts = { medicine, dose, instructions, issuedOn, expiresOn, repeats, status };
    target.insert('prescriptions', { id, patientId, doctorId, ...facts, pharmacyCode: `PH-${7_310 + index * 37}` });
  }
  for (const row of INVOICES) {
    const [number, patientId, text, issuedOn, dueOn, amountCents, paidCents, status, internalMarginCents] = row;
    const money = { amountCents, paidCents, internalMarginCents };
    target.insert('invoices', { number, patientId, text, issuedOn, dueOn, ...money, status });
  }
  for (const [id, patientId, name, kind, uploadedBy, uploadedAt, text] of DOCUMENTS) {
    const facts = { name, kind, mediaType: 'text/plain', size: Buffer.byteLength(text), uploadedBy, uploadedAt };
    const sha256 = createHash('sha256').update(text).digest('hex');
    target.insert('documents', { id, patientId, ...facts, sha256, storedAs: id });
  }
}

/** Puts the files of the seeded documents on the clinic's disk. */
export function seedDisk(disk: Disk): void {
  for (const [id, , , , , , text] of DOCUMENTS) disk.storeSync(id, Buffer.from(text));
}
